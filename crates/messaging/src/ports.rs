//! The recipients of letters, and the mailer.

use crate::{Locale, Mail, Visit};
use std::fmt;
use tryzore_kernel::{ClientId, Email, EventId, OrganizationId, StoreResult};

/// A client who gets a letter about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The email address; `None` when the tenant has no address of the client.
    pub email: Option<Email>,
    /// The language of the client.
    pub locale: Locale,
    /// The booking, with the facts for the letter.
    pub visit: Visit,
}

/// Reads clients and their bookings.
#[trait_variant::make(Send)]
pub trait Guests {
    /// The facts for a letter to `client` about `event`; `None` when the client or the event does not
    /// exist.
    async fn guest_find(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<Guest>>;

    /// The name of a location.
    async fn organization_name(&mut self, organization: OrganizationId) -> StoreResult<Option<String>>;
}

/// Sends mails.
#[trait_variant::make(Send)]
pub trait Mailer {
    /// Sends `mail`. `id` is the same whenever the same mail is sent again, so that a mail program that
    /// receives the mail twice shows it once.
    async fn mail_send(&self, mail: &Mail, id: &MessageId) -> Result<(), MailError>;
}

/// The reason why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// A temporary failure: sending may work later.
    #[error("not now: {0}")]
    Temporary(String),
    /// A permanent failure: the address is wrong, or the mail is refused.
    #[error("refused: {0}")]
    Permanent(String),
}

/// The unique id of a mail, without the angle brackets: `job_0193….2@mail.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// The id of the mail that the job `work` sends from `domain`. Characters other than letters, digits,
    /// `_`, `.` and `-` are removed.
    #[must_use]
    pub fn new(work: &str, domain: &str) -> Self {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let clean = |text: &str| text.chars().filter(allowed).collect::<String>();
        Self(format!("{}@{}", clean(work), clean(domain)))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
