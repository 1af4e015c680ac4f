//! Where the text of a template comes from, and the mailer.

use crate::Mail;
use std::fmt;
use tryzore_kernel::{Locale, StoreResult};

/// Finds the texts of templates. The [`Catalogue`](crate::Catalogue) has those that the product comes with.
#[trait_variant::make(Send)]
pub trait Templates {
    /// The text of the template `name` in the language `locale`; `None` when there is no such template.
    async fn template_find(&mut self, name: &str, locale: Locale) -> StoreResult<Option<String>>;
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
