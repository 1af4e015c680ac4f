//! Whom to write to, and who carries it.

use crate::{Locale, Mail, Visit};
use std::fmt;
use tryzore_kernel::{ClientId, Email, EventId, OrganizationId, StoreResult};

/// A client who is written to about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The address; none when the tenant has none.
    pub email: Option<Email>,
    /// The language.
    pub locale: Locale,
    /// What there is to tell.
    pub visit: Visit,
}

/// Clients, what they have booked, and where.
#[trait_variant::make(Send)]
pub trait Guests {
    /// What to tell `client` about `event`. `None` when one of them is not there.
    async fn guest_find(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<Guest>>;

    /// What a location is called.
    async fn organization_name(&mut self, organization: OrganizationId) -> StoreResult<Option<String>>;
}

/// Who carries a mail to its mailbox.
#[trait_variant::make(Send)]
pub trait Mailer {
    /// Hands `mail` over. `id` is the same whenever the same mail is sent again, so that whoever
    /// receives it twice shows it once.
    async fn mail_send(&self, mail: &Mail, id: &MessageId) -> Result<(), MailError>;
}

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may work later.
    #[error("not now: {0}")]
    Temporary(String),
    /// It will never work: the address is wrong, or the mail is refused.
    #[error("refused: {0}")]
    Permanent(String),
}

/// What tells one mail from another, without the angle brackets: `job_0193….2@mail.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// The id of the mail that the work `work` sends from `domain`. `work` must not hold anything but
    /// letters, digits, `_` and `.`; what does is left out.
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
