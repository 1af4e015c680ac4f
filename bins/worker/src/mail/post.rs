//! A letter that can wait in a job, and its way to the relay.

use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_kernel::Email;
use tryzore_messaging::{Letter, Locale, MailError, Mailer, MessageId, render};
use tryzore_postgres::runtime::{Failure, Job, NewJob, program::Outcome};

/// The kind of jobs that send a letter.
pub const SEND: &str = "mail.send";

/// A letter to someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// To whom.
    pub to: Email,
    /// In which language.
    pub locale: Locale,
    /// What.
    pub letter: Letter,
}

impl Post {
    /// The job that sends it. What is urgent overtakes what is not (EVT-10).
    #[must_use]
    pub fn job(&self) -> NewJob {
        let is_urgent = matches!(self.letter, Letter::Promoted(_) | Letter::CalledOff { .. });
        NewJob::new(SEND, self).priority(if is_urgent { 10 } else { 0 })
    }
}

/// Sends the letter of `job`.
///
/// # Errors
/// Permanent when the relay refuses it for good.
pub async fn send(services: Services, job: Job) -> Outcome {
    let post: Post = job.payload()?;
    if post.letter.stale_at().is_some_and(|at| at <= services.now()) {
        tracing::info!(job = %job.id, letter = post.letter.template(), "too late to send");
        return Ok(());
    }
    // The same id at every attempt: whoever gets it twice shows it once.
    hand_over(&services, post, &job.id.to_string()).await
}

/// Hands `post` to the relay; `work` is the part of its id that is ours.
pub(super) async fn hand_over(services: &Services, post: Post, work: &str) -> Outcome {
    let mail =
        render(&post.letter, post.to, post.locale).map_err(|error| Failure::permanent(error.to_string()))?;
    let id = MessageId::new(work, services.mailer.domain());
    services.mailer.mail_send(&mail, &id).await.map_err(|error| match error {
        MailError::Temporary(reason) => Failure::temporary(reason),
        MailError::Permanent(reason) => Failure::permanent(reason),
    })
}
