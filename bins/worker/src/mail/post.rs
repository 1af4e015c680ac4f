//! A letter that is stored in a job, and its sending.

use super::LETTERS;
use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Email, Letter};
use tryzore_messaging::{AnyLetter, Locale, MailError, Mailer, MessageId, Templates, render};
use tryzore_postgres::runtime::{Failure, Job, NewJob, program::Outcome};

/// The kind of jobs that send a letter.
pub const SEND: &str = "mail.send";

/// A letter to a recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// The address of the recipient.
    pub to: Email,
    /// The language of the letter.
    pub locale: Locale,
    /// The content.
    pub letter: AnyLetter,
}

impl Post {
    /// `letter` to `to`, in the language `locale`.
    #[must_use]
    pub fn new(to: Email, locale: Locale, letter: &impl Letter) -> Self {
        Self { to, locale, letter: AnyLetter::of(letter) }
    }

    /// The job that sends the letter. Urgent letters have a higher priority (EVT-10).
    #[must_use]
    pub fn job<L: Letter>(&self) -> NewJob {
        NewJob::new(SEND, self).priority(if L::IS_URGENT { 10 } else { 0 })
    }
}

/// Sends the letter of `job`.
///
/// # Errors
/// Permanent when the relay refuses the letter permanently. A letter that this worker does not know is tried
/// again: during an update a newer worker may have enqueued it.
pub async fn send(services: Services, job: Job) -> Outcome {
    let post: Post = job.payload()?;
    let name = &post.letter.template;
    let kind = LETTERS.find(name).ok_or_else(|| Failure::temporary(format!("no letter `{name}`")))?;
    let stale_at =
        kind.stale_at(&post.letter.facts).map_err(|error| Failure::permanent(error.to_string()))?;
    if stale_at.is_some_and(|at| at <= services.now()) {
        tracing::info!(job = %job.id, letter = name, "too late to send");
        return Ok(());
    }
    // The same message id at every attempt: mail programs show duplicates once.
    hand_over(&services, post, &job.id.to_string()).await
}

/// Sends `post` to the relay; `work` is our part of the message id.
pub(super) async fn hand_over(services: &Services, post: Post, work: &str) -> Outcome {
    let name = &post.letter.template;
    let mut templates = LETTERS;
    let template = templates.template_find(name, post.locale).await?;
    let template = template.ok_or_else(|| Failure::temporary(format!("no template `{name}`")))?;
    let mail = render(&template, &post.letter, post.to, post.locale)
        .map_err(|error| Failure::permanent(error.to_string()))?;
    let id = MessageId::new(work, services.mailer.domain());
    services.mailer.mail_send(&mail, &id).await.map_err(|error| match error {
        MailError::Temporary(reason) => Failure::temporary(reason),
        MailError::Permanent(reason) => Failure::permanent(reason),
    })
}
