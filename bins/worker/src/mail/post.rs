//! A letter that is stored in a job, and its sending.

use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_kernel::Email;
use tryzore_messaging::{Letter, Locale, MailError, Mailer, MessageId, render};
use tryzore_postgres::runtime::{Failure, Job, NewJob, program::Outcome};

/// The kind of jobs that send a letter.
pub const SEND: &str = "mail.send";

/// A letter to a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The address of the recipient.
    pub to: Email,
    /// The language of the letter.
    pub locale: Locale,
    /// The content.
    pub letter: Letter,
}

impl Post {
    /// The job that sends the letter. Urgent letters have a higher priority (EVT-10).
    #[must_use]
    pub fn job(&self) -> NewJob {
        let is_urgent = matches!(self.letter, Letter::Promoted(_) | Letter::CalledOff { .. });
        NewJob::new(SEND, self).priority(if is_urgent { 10 } else { 0 })
    }
}

/// Sends the letter of `job`.
///
/// # Errors
/// Permanent when the relay refuses the letter permanently.
pub async fn send(services: Services, job: Job) -> Outcome {
    let post: Post = job.payload()?;
    if post.letter.stale_at().is_some_and(|at| at <= services.now()) {
        tracing::info!(job = %job.id, letter = post.letter.template(), "too late to send");
        return Ok(());
    }
    // The same message id at every attempt: mail programs show duplicates once.
    hand_over(&services, post, &job.id.to_string()).await
}

/// Sends `post` to the relay; `work` is our part of the message id.
pub(super) async fn hand_over(services: &Services, post: Post, work: &str) -> Outcome {
    let mail =
        render(&post.letter, post.to, post.locale).map_err(|error| Failure::permanent(error.to_string()))?;
    let id = MessageId::new(work, services.mailer.domain());
    services.mailer.mail_send(&mail, &id).await.map_err(|error| match error {
        MailError::Temporary(reason) => Failure::temporary(reason),
        MailError::Permanent(reason) => Failure::permanent(reason),
    })
}
