//! The SMTP server: sockets around the state machine of [`super::session`].
//!
//! Commands are answered in order and their replies leave together, as PIPELINING asks. A mail
//! ends at CR LF dot CR LF and at nothing looser, so that no mail can smuggle in a second one.
//! What a client sends beyond the limits is read and forgotten, and refused at the end.

use super::{
    PostOffice, failure,
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

/// The most conversations at once; who comes on top is told 421.
const MAX_CONVERSATIONS: usize = 100;
/// The longest line of a mail without its end (RFC 5321 section 4.5.3.1.6: 1,000 with it).
const MAX_TEXT_LINE: usize = 998;
/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// How the server treats its clients.
pub(super) struct Manners {
    /// The login that it asks for, if any.
    pub(super) login: Option<Credentials>,
    /// How long a client may say nothing.
    pub(super) idle: Duration,
}

/// Takes mail at `listener` until the shared state closes.
pub(super) async fn serve(listener: TcpListener, office: Arc<PostOffice>, manners: Arc<Manners>) {
    let seats = Arc::new(Semaphore::new(MAX_CONVERSATIONS));
    loop {
        let accepted = tokio::select! {
            () = office.shared.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut socket, _)) = accepted else {
            // Out of file descriptors, most likely: waiting is all that can help.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            let _ = socket.write_all(b"421 4.3.2 Too many connections\r\n").await;
            continue;
        };
        let (its_office, its_manners) = (Arc::clone(&office), Arc::clone(&manners));
        office.shared.tasks.spawn(async move {
            if let Err(error) = Conversation::new(socket, &its_office, &its_manners).hold().await {
                tracing::debug!(%error, "a mail client went away");
            }
            drop(seat);
        });
    }
}

/// Why nothing more is read.
enum End {
    /// The client closed, or the connection broke.
    Gone(io::Error),
    /// We close, and say why.
    Parsed(Reply),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

struct Conversation<'a> {
    socket: TcpStream,
    office: &'a PostOffice,
    manners: &'a Manners,
    session: Session<'a>,
    input: BytesMut,
    output: Vec<u8>,
}

impl<'a> Conversation<'a> {
    fn new(socket: TcpStream, office: &'a PostOffice, manners: &'a Manners) -> Self {
        let session = Session::new(manners.login.as_ref(), &office.failures);
        Self { socket, office, manners, session, input: BytesMut::new(), output: Vec::new() }
    }

    /// From the greeting to the end.
    async fn hold(mut self) -> io::Result<()> {
        // Replies are small and awaited: waiting to fill a packet would only make tests slow.
        self.socket.set_nodelay(true)?;
        Session::greeting().write(&mut self.output);
        match self.talk().await {
            Ok(()) => {}
            Err(End::Parsed(reply)) => reply.write(&mut self.output),
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

    /// The mail without its dots, or the reply that refuses it; read to its end in either case.
    async fn data(&mut self) -> Result<Result<Bytes, Reply>, End> {
        let (mut mail, mut receiver, mut excess) = (Vec::new(), DataReceiver::new(), None);
        // The receiver takes a dot only after a line's end, and a mail begins at a line's start.
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
            // One more: the receiver keeps the CR of the end until it sees the LF.
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

    /// Keeps the mail and makes the reply, with the failures that were asked for.
    async fn finish(&mut self, transaction: Transaction, mail: Result<Bytes, Reply>) -> Result<Reply, End> {
        let mail = match mail {
            Ok(mail) => mail,
            Err(refusal) => return Ok(refusal),
        };
        let Transaction { envelope, mut story, .. } = transaction;
        let ending = failure::ending(&self.office.failures, &envelope.to, &mut story);
        tokio::select! {
            () = self.office.shared.closing.cancelled() => return Err(End::Parsed(closing())),
            () = sleep(ending.delay) => {}
        }
        let dropped =
            || End::Gone(io::Error::new(io::ErrorKind::ConnectionAborted, "dropped, as was asked for"));
        if ending.dropped == Some(false) {
            return Err(dropped());
        }
        let kept = self.office.mailbox.keep(envelope, mail, self.office.shared.now());
        tracing::info!(id = kept.id, to = ?kept.envelope.to, subject = %kept.summary.subject, "mail taken");
        self.office.shared.pulse.beat();
        if ending.dropped == Some(true) {
            return Err(dropped());
        }
        Ok(Reply::new(250, format!("2.0.0 Taken as number {}", kept.id)))
    }

    async fn read(&mut self) -> Result<(), End> {
        self.input.reserve(CHUNK);
        let read = tokio::select! {
            () = self.office.shared.closing.cancelled() => return Err(End::Parsed(closing())),
            read = timeout(self.manners.idle, self.socket.read_buf(&mut self.input)) => read,
        };
        match read {
            Ok(Ok(0)) => Err(End::Gone(io::ErrorKind::UnexpectedEof.into())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(End::Parsed(Reply::new(421, "4.4.2 Nothing was said for too long"))),
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
