//! One SMTP conversation as a state machine without I/O (RFC 5321): a line in, an answer out.
//!
//! `smtp-proto` parses the commands; this module implements their meaning in each state. A command out of order
//! is answered 503 and changes nothing. Replies have enhanced status codes (RFC 2034). There is no STARTTLS: the
//! server is reachable from its own machine only, so it neither announces nor accepts it (502), and clients must
//! be configured for plain SMTP.

use super::{
    failure::{self, Failure},
    store::Envelope,
};
use crate::{Credentials, shared::Switches};
use base64::{Engine, engine::general_purpose::STANDARD};
use smtp_proto::{
    AUTH_LOGIN, AUTH_PLAIN, Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MAIL_SMTPUTF8, Request,
};
use std::borrow::Cow;

/// The largest mail, in bytes: 10 MB.
pub(super) const MAX_MAIL: usize = 10_000_000;
/// The greatest number of recipients of one mail; the least that RFC 5321 section 4.5.3.1.8 allows.
pub(super) const MAX_RECIPIENTS: usize = 100;
/// How many invalid commands are answered before the connection is closed.
pub(super) const MAX_MISTAKES: u32 = 20;

/// A reply of one line or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// One line; `text` starts with the enhanced status code where there is one.
    pub(super) fn new(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, lines: vec![text.into()] }
    }

    /// The bytes of the reply on the connection.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let last = self.lines.len().saturating_sub(1);
        for (at, line) in self.lines.iter().enumerate() {
            let mark = if at == last { ' ' } else { '-' };
            out.extend_from_slice(format!("{}{mark}{line}\r\n", self.code).as_bytes());
        }
    }
}

/// What the connection does after a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Reads the next line.
    Continue,
    /// Reads the mail.
    Data,
    /// Closes the connection.
    Close,
}

/// A reply, and what follows it.
pub(super) type Answer = (Reply, Then);

/// A mail that is being received.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    /// Sender and recipients.
    pub(super) envelope: Envelope,
    /// The failure switches that were used for it.
    pub(super) fired_switches: Vec<u64>,
    utf8: bool,
}

/// What the next line is expected to be.
#[derive(Debug)]
enum Expects {
    Command,
    Plain,
    LoginUser,
    LoginPassword { user: String },
}

/// The state of one conversation.
pub(super) struct Session<'a> {
    login: Option<&'a Credentials>,
    switches: &'a Switches<Failure>,
    helo: Option<(String, bool)>,
    user: Option<String>,
    transaction: Option<Transaction>,
    expects: Expects,
    mistakes: u32,
}

impl<'a> Session<'a> {
    /// A new conversation; with `login`, mail is accepted only after that login.
    pub(super) fn new(login: Option<&'a Credentials>, switches: &'a Switches<Failure>) -> Self {
        Self {
            login,
            switches,
            helo: None,
            user: None,
            transaction: None,
            expects: Expects::Command,
            mistakes: 0,
        }
    }

    /// The greeting.
    pub(super) fn greeting() -> Reply {
        Reply::new(220, "sandbox.localhost ESMTP TryZore sandbox, for development only")
    }

    /// Answers a whole line.
    pub(super) fn line(&mut self, line: &[u8]) -> Answer {
        let answer = match std::mem::replace(&mut self.expects, Expects::Command) {
            Expects::Command => match Request::parse(&mut line.iter()) {
                Ok(request) => self.command(request),
                Err(error) => stay(misread(&error)),
            },
            Expects::Plain => self.plain(line),
            Expects::LoginUser => self.login_user(line),
            Expects::LoginPassword { user } => self.login_password(user, line),
        };
        self.patience(answer)
    }

    /// Answers a line that was too long.
    pub(super) fn line_too_long(&mut self) -> Answer {
        self.expects = Expects::Command;
        self.patience(stay(Reply::new(500, "5.5.2 Line too long")))
    }

    /// Takes the mail whose data is to be read now; the conversation is ready for the next mail.
    pub(super) fn take_transaction(&mut self) -> Transaction {
        let mut transaction = self.transaction.take().unwrap_or_default();
        transaction.envelope.helo = self.helo.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        transaction.envelope.user.clone_from(&self.user);
        transaction
    }

    /// Closes the connection of a client that only makes mistakes.
    fn patience(&mut self, answer: Answer) -> Answer {
        if !matches!(answer.0.code, 500..=504 | 535) {
            return answer;
        }
        self.mistakes += 1;
        if self.mistakes < MAX_MISTAKES {
            answer
        } else {
            (Reply::new(421, "4.7.0 Too many errors"), Then::Close)
        }
    }

    fn command(&mut self, request: Request<Cow<'_, str>>) -> Answer {
        match request {
            Request::Ehlo { host } => self.hello(&host, true),
            Request::Helo { host } => self.hello(&host, false),
            Request::Mail { from } => stay(self.mail(&from.address, from.flags, from.size)),
            Request::Rcpt { to } => self.recipient(&to.address),
            Request::Data => self.data(),
            Request::Auth { mechanism, initial_response } => self.auth(mechanism, &initial_response),
            Request::Rset => {
                self.transaction = None;
                stay(Reply::new(250, "2.0.0 OK"))
            }
            Request::Noop { .. } => stay(Reply::new(250, "2.0.0 OK")),
            Request::Vrfy { .. } => stay(Reply::new(252, "2.5.0 It will be taken, and delivered to nobody")),
            Request::Help { .. } => stay(Reply::new(
                214,
                "2.0.0 EHLO HELO AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT; RFC 5321",
            )),
            Request::Quit => (Reply::new(221, "2.0.0 Bye"), Then::Close),
            Request::StartTls => {
                stay(Reply::new(502, "5.5.1 No TLS here: this server is on your own machine"))
            }
            other => stay(Reply::new(502, format!("5.5.1 {} is not implemented", other.name()))),
        }
    }

    fn hello(&mut self, host: &str, extended: bool) -> Answer {
        self.transaction = None;
        self.helo = Some((host.trim().to_owned(), extended));
        let mut lines = vec![Cow::Borrowed("sandbox.localhost")];
        if extended {
            let offers =
                ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN", "HELP"];
            lines.push(format!("SIZE {MAX_MAIL}").into());
            lines.extend(offers.map(Cow::Borrowed));
        }
        stay(Reply { code: 250, lines })
    }

    fn mail(&mut self, from: &str, flags: u64, size: usize) -> Reply {
        if self.helo.is_none() {
            return Reply::new(503, "5.5.1 Say EHLO first");
        }
        if self.transaction.is_some() {
            return Reply::new(503, "5.5.1 Sender already given; RSET to start again");
        }
        if self.login.is_some() && self.user.is_none() {
            return Reply::new(530, "5.7.0 Authentication required");
        }
        if flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            return Reply::new(555, "5.5.4 BODY=BINARYMIME and REQUIRETLS are not announced");
        }
        if size > MAX_MAIL {
            return too_big();
        }
        let utf8 = flags & MAIL_SMTPUTF8 != 0;
        if !utf8 && !from.is_ascii() {
            return Reply::new(553, "5.6.7 Such an address needs SMTPUTF8");
        }
        let envelope = Envelope { from: from.to_owned(), ..Envelope::default() };
        self.transaction = Some(Transaction { envelope, fired_switches: Vec::new(), utf8 });
        Reply::new(250, "2.1.0 Sender OK")
    }

    fn recipient(&mut self, to: &str) -> Answer {
        let Some(transaction) = &mut self.transaction else {
            return stay(Reply::new(503, "5.5.1 MAIL first"));
        };
        if to.is_empty() {
            return stay(Reply::new(553, "5.1.3 A recipient has an address"));
        }
        if !transaction.utf8 && !to.is_ascii() {
            return stay(Reply::new(553, "5.6.7 Such an address needs SMTPUTF8"));
        }
        if transaction.envelope.to.len() >= MAX_RECIPIENTS {
            return stay(Reply::new(452, "4.5.3 Too many recipients"));
        }
        match failure::refusal(self.switches, to, &mut transaction.fired_switches) {
            Some(421) => (Reply::new(421, "4.3.2 Closing, as was asked for"), Then::Close),
            Some(code @ ..500) => stay(Reply::new(code, "4.2.0 Not now, as was asked for")),
            Some(code) => stay(Reply::new(code, "5.1.1 Never, as was asked for")),
            None => {
                transaction.envelope.to.push(to.to_owned());
                stay(Reply::new(250, "2.1.5 Recipient OK"))
            }
        }
    }

    fn data(&mut self) -> Answer {
        match &self.transaction {
            None => stay(Reply::new(503, "5.5.1 MAIL first")),
            // RFC 2920 section 3.1: a pipelining client may send DATA although no recipient was accepted.
            Some(t) if t.envelope.to.is_empty() => stay(Reply::new(554, "5.5.1 No valid recipients")),
            Some(_) => (Reply::new(354, "Go ahead; end with a dot on a line of its own"), Then::Data),
        }
    }

    fn auth(&mut self, mechanism: u64, response: &str) -> Answer {
        if !matches!(self.helo, Some((_, true))) || self.user.is_some() || self.transaction.is_some() {
            return stay(Reply::new(503, "5.5.1 AUTH comes once, after EHLO and before MAIL"));
        }
        match (mechanism, response.trim()) {
            (AUTH_PLAIN, "") => self.ask(Expects::Plain, ""),
            (AUTH_PLAIN, response) => self.plain(response.as_bytes()),
            (AUTH_LOGIN, "") => self.ask(Expects::LoginUser, "VXNlcm5hbWU6"),
            (AUTH_LOGIN, response) => self.login_user(response.as_bytes()),
            _ => stay(Reply::new(504, "5.5.4 PLAIN and LOGIN only")),
        }
    }

    fn ask(&mut self, expects: Expects, challenge: &'static str) -> Answer {
        self.expects = expects;
        stay(Reply::new(334, challenge))
    }

    /// RFC 4616: authorization id, user and password with NULs between them.
    fn plain(&mut self, line: &[u8]) -> Answer {
        let Some(response) = decode(line) else { return stay(undecodable(line)) };
        let mut parts = response.split('\0').skip(1);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(user), Some(password), None) => self.enter(user.to_owned(), password),
            _ => stay(Reply::new(501, "5.5.2 PLAIN is NUL user NUL password")),
        }
    }

    fn login_user(&mut self, line: &[u8]) -> Answer {
        match decode(line) {
            Some(user) => self.ask(Expects::LoginPassword { user }, "UGFzc3dvcmQ6"),
            None => stay(undecodable(line)),
        }
    }

    fn login_password(&mut self, user: String, line: &[u8]) -> Answer {
        match decode(line) {
            Some(password) => self.enter(user, &password),
            None => stay(undecodable(line)),
        }
    }

    fn enter(&mut self, user: String, password: &str) -> Answer {
        if self.login.is_some_and(|login| !login.are(&user, password)) {
            return stay(Reply::new(535, "5.7.8 Wrong user or password"));
        }
        self.user = Some(user);
        stay(Reply::new(235, "2.7.0 Welcome"))
    }
}

/// The refusal of a mail above [`MAX_MAIL`].
pub(super) fn too_big() -> Reply {
    Reply::new(552, format!("5.3.4 A mail has at most {MAX_MAIL} bytes"))
}

const fn stay(reply: Reply) -> Answer {
    (reply, Then::Continue)
}

fn misread(error: &Error) -> Reply {
    match error {
        Error::UnknownCommand => Reply::new(500, "5.5.1 Unknown command"),
        Error::InvalidSenderAddress => Reply::new(553, "5.1.7 That is no sender's address"),
        Error::InvalidRecipientAddress => Reply::new(553, "5.1.3 That is no recipient's address"),
        Error::SyntaxError { syntax } => Reply::new(501, format!("5.5.4 Expected {syntax}")),
        Error::InvalidParameter { param } => Reply::new(501, format!("5.5.4 {param} is not valid")),
        Error::UnsupportedParameter { .. } => Reply::new(555, "5.5.4 Unsupported parameter"),
        _ => Reply::new(500, "5.5.2 That cannot be read"),
    }
}

/// Decodes a line of base64; `=` alone is an empty text.
fn decode(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii();
    let bytes = if line == b"=" { Vec::new() } else { STANDARD.decode(line).ok()? };
    String::from_utf8(bytes).ok()
}

fn undecodable(line: &[u8]) -> Reply {
    if line.trim_ascii() == b"*" {
        return Reply::new(501, "5.7.0 Authentication cancelled");
    }
    Reply::new(501, "5.5.2 That is no base64 of UTF-8")
}
