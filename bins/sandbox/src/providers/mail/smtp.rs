//! The SMTP server: sockets around the state machine of [`super::session`].
//!
//! Commands are answered in order and their replies are sent together, as PIPELINING requires. A mail ends at
//! exactly CR LF dot CR LF, so that no mail can smuggle in a second one. What a client sends beyond the limits
//! is read and discarded, and refused at the end.

use super::{
    MailState, failure,
    framing::{Framed, Framing},
    session::{self, Reply, Session, Then, Transaction},
};
use crate::Credentials;
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// The greatest number of conversations at once; further clients get 421.
const MAX_CONVERSATIONS: usize = 100;
/// The longest line of a mail without its end (RFC 5321 section 4.5.3.1.6: 1,000 with it).
const MAX_TEXT_LINE: usize = 998;
/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// The settings for all clients.
pub(super) struct Manners {
    /// The required login, if any.
    pub(super) login: Option<Credentials>,
    /// How long a client may be silent.
    pub(super) idle: Duration,
}

/// Accepts mail at `listener` until the sandbox stops.
pub(super) async fn serve(listener: TcpListener, state: Arc<MailState>, manners: Arc<Manners>) {
    let seats = Arc::new(Semaphore::new(MAX_CONVERSATIONS));
    loop {
        let accepted = tokio::select! {
            () = state.shared.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut socket, _)) = accepted else {
            // Probably out of file descriptors: only waiting can help.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            let _ = socket.write_all(b"421 4.3.2 Too many connections\r\n").await;
            continue;
        };
        let (its_state, its_manners) = (Arc::clone(&state), Arc::clone(&manners));
        state.shared.tasks.spawn(async move {
            if let Err(error) = Conversation::new(socket, &its_state, &its_manners).hold().await {
                tracing::debug!(%error, "a mail client went away");
            }
            drop(seat);
        });
    }
}

/// Why reading stops.
enum End {
    /// The client closed, or the connection broke.
    Gone(io::Error),
    /// The server closes the connection, with this reply.
    Refused(Reply),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

struct Conversation<'a> {
    socket: TcpStream,
    state: &'a MailState,
    manners: &'a Manners,
    session: Session<'a>,
    input: BytesMut,
    output: Vec<u8>,
}

impl<'a> Conversation<'a> {
    fn new(socket: TcpStream, state: &'a MailState, manners: &'a Manners) -> Self {
        let session = Session::new(manners.login.as_ref(), &state.failures);
        Self { socket, state, manners, session, input: BytesMut::new(), output: Vec::new() }
    }

    /// Runs the conversation from the greeting to the end.
    async fn hold(mut self) -> io::Result<()> {
        // Replies are small and awaited: waiting to fill a packet would only slow tests down.
        self.socket.set_nodelay(true)?;
        Session::greeting().write(&mut self.output);
        match self.talk().await {
            Ok(()) => {}
            Err(End::Refused(reply)) => reply.write(&mut self.output),
            Err(End::Gone(error)) => return Err(error),
        }
        self.flush().await?;
        self.socket.shutdown().await
    }

    async fn talk(&mut self) -> Result<(), End> {
        let mut framing = Framing::default();
        loop {
            let (reply, then) = match framing.next(&mut self.input) {
                Framed::Line(line) => self.session.line(&line),
                Framed::TooLong => self.session.line_too_long(),
                Framed::Part => {
                    self.flush().await?;
                    self.read().await?;
                    continue;
                }
            };
            reply.write(&mut self.output);
            match then {
                Then::Continue => {}
                Then::Close => return Ok(()),
                Then::Data => {
                    self.flush().await?;
                    let mail = self.data().await?;
                    let transaction = self.session.take_transaction();
                    let reply = self.finish(transaction, mail).await?;
                    reply.write(&mut self.output);
                }
            }
        }
    }

    /// Reads the mail and removes its dots, or returns the reply that refuses it; reads to its end in either case.
    async fn data(&mut self) -> Result<Result<Bytes, Reply>, End> {
        let (mut mail, mut receiver, mut excess) = (Vec::new(), DataReceiver::new(), None);
        // The receiver removes a dot only after a line's end, and a mail begins at a line's start.
        receiver.ingest(&mut b"\r\n".iter(), &mut mail);
        mail.clear();
        loop {
            let mut rest = self.input.iter();
            let done = match &mut excess {
                None => receiver.ingest(&mut rest, &mut mail),
                Some(swallow) => DummyDataReceiver::ingest(swallow, &mut rest),
            };
            let left = rest.len();
            self.input.advance(self.input.len() - left);
            // One more byte: the receiver keeps the CR of the end until it sees the LF.
            if excess.is_none() && mail.len() > session::MAX_MAIL + 1 {
                excess = Some(DummyDataReceiver::new_data(&receiver));
                mail = Vec::new();
            }
            if done {
                break;
            }
            self.read().await?;
        }
        if excess.is_some() || mail.len() > session::MAX_MAIL {
            return Ok(Err(session::too_big()));
        }
        if let Some(long) = mail.split(|byte| *byte == b'\n').map(text_length).find(|l| *l > MAX_TEXT_LINE) {
            let told =
                format!("5.6.0 A line has {long} bytes; {MAX_TEXT_LINE} are allowed (RFC 5321, 4.5.3.1.6)");
            return Ok(Err(Reply::new(554, told)));
        }
        Ok(Ok(Bytes::from(mail)))
    }

    /// Stores the mail and makes the reply, with the requested failures.
    async fn finish(&mut self, transaction: Transaction, mail: Result<Bytes, Reply>) -> Result<Reply, End> {
        let mail = match mail {
            Ok(mail) => mail,
            Err(refusal) => return Ok(refusal),
        };
        let Transaction { envelope, mut fired_switches, .. } = transaction;
        let ending = failure::ending(&self.state.failures, &envelope.to, &mut fired_switches);
        tokio::select! {
            () = self.state.shared.closing.cancelled() => return Err(End::Refused(closing())),
            () = sleep(ending.delay) => {}
        }
        let dropped =
            || End::Gone(io::Error::new(io::ErrorKind::ConnectionAborted, "dropped, as was asked for"));
        if ending.dropped == Some(false) {
            return Err(dropped());
        }
        let kept = self.state.mailbox.keep(envelope, mail, self.state.shared.now());
        tracing::info!(id = kept.id, to = ?kept.envelope.to, subject = %kept.summary.subject, "mail taken");
        self.state.shared.changes.notify();
        if ending.dropped == Some(true) {
            return Err(dropped());
        }
        Ok(Reply::new(250, format!("2.0.0 Taken as number {}", kept.id)))
    }

    async fn read(&mut self) -> Result<(), End> {
        self.input.reserve(CHUNK);
        let read = tokio::select! {
            () = self.state.shared.closing.cancelled() => return Err(End::Refused(closing())),
            read = timeout(self.manners.idle, self.socket.read_buf(&mut self.input)) => read,
        };
        match read {
            Ok(Ok(0)) => Err(End::Gone(io::ErrorKind::UnexpectedEof.into())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(End::Refused(Reply::new(421, "4.4.2 Nothing was said for too long"))),
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let output = std::mem::take(&mut self.output);
        let sent = timeout(self.manners.idle, self.socket.write_all(&output)).await;
        sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

fn closing() -> Reply {
    Reply::new(421, "4.3.2 The sandbox is closing")
}

fn text_length(line: &[u8]) -> usize {
    line.strip_suffix(b"\r").unwrap_or(line).len()
}
