//! Letters about a user's account: links that verify the mailbox, and notices of changes.
//!
//! Their events belong to no tenant and name a user, or nobody: a request for a link does the same work
//! whether or not the address has an account. As with invitations ([`super::invitation`]) a link is created
//! when its mail is sent, and each attempt is a mail of its own.

use super::post::{Post, hand_over};
use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_auth::{Purpose, Users, issue_link::issue_link};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, StoreResult, UserId};
use tryzore_messaging::{Letter, Locale};
use tryzore_postgres::{
    AuthTx,
    runtime::{Enqueue, Job, NewJob, program::Outcome},
};

/// The kind of jobs that send a letter about an account.
pub const SEND: &str = "mail.account";

/// The subject of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The user has signed up.
    EmailVerification,
    /// Someone has signed up with the address of an existing account.
    RegisteredAgain,
    /// The user has asked for a new password.
    PasswordReset,
    /// A password was set.
    PasswordChanged,
}

#[derive(Serialize, Deserialize)]
struct JobPayload {
    user: UserId,
    about: About,
}

/// Enqueues a letter `about` the account of `user`, if there is one.
pub fn enqueue(tx: &mut AuthTx, user: Option<UserId>, about: About) {
    if let Some(user) = user {
        // The user is waiting for it.
        tx.job_enqueue(NewJob::new(SEND, &JobPayload { user, about }).priority(10));
    }
}

/// Sends the letter of `job`, unless it has become obsolete.
///
/// # Errors
/// Permanent when the relay refuses the letter permanently.
pub async fn send(services: Services, job: Job) -> Outcome {
    let due: JobPayload = job.payload()?;
    let written = services.db.auth_tx(async |tx| write(&services, tx, &due).await).await?;
    let Some((to, letter)) = written else { return Ok(()) };
    let post = Post { to, locale: Locale::default(), letter };
    hand_over(&services, post, &format!("{}.{}", job.id, job.attempt)).await
}

async fn write(
    services: &Services,
    tx: &mut AuthTx,
    due: &JobPayload,
) -> StoreResult<Option<(Email, Letter)>> {
    let (pages, now) = (&services.pages, services.now());
    let purpose = match due.about {
        About::EmailVerification => Purpose::EmailVerification,
        About::PasswordReset => Purpose::PasswordReset,
        About::RegisteredAgain | About::PasswordChanged => {
            let Some(user) = tx.auth().user_find(due.user).await?.filter(|user| user.check_open().is_ok())
            else {
                return Ok(None);
            };
            let name = user.name;
            let letter = match due.about {
                About::RegisteredAgain => Letter::RegisteredAgain { name, link: pages.at("/sign-in") },
                _ => Letter::PasswordChanged { name, link: pages.at("/forgot-password") },
            };
            return Ok(Some((user.email, letter)));
        }
    };
    let Some(link) = issue_link(&mut tx.auth(), due.user, purpose, &services.secrets, now).await? else {
        return Ok(None);
    };
    let hours = purpose.life().num_hours();
    let letter = match purpose {
        Purpose::PasswordReset => Letter::PasswordReset {
            name: link.name,
            link: pages.with_token("/reset-password", &link.token),
            hours,
        },
        _ => Letter::EmailVerification { link: pages.with_token("/verify-email", &link.token), hours },
    };
    Ok(Some((link.email, letter)))
}
