//! Letters about a user's account: links that verify the mailbox, and notices of changes.
//!
//! Their events belong to no tenant and name a user, or nobody: a request for a link does the same work
//! whether or not the address has an account. As with invitations ([`super::invitation`]) a link is created
//! when its mail is sent, and each attempt is a mail of its own.

use super::post::{Post, hand_over};
use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    Purpose, User, Users,
    issue_link::{Link, issue_link},
    letter::{
        EmailVerification, FactorAdded, FactorRemoved, PasswordChanged, PasswordReset, RecoveryCodeUsed,
        RegisteredAgain,
    },
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, Letter, StoreResult, UserId};
use tryzore_messaging::Locale;
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
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many codes are left.
        left: i64,
    },
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
    let Some(post) = written else { return Ok(()) };
    hand_over(&services, post, &format!("{}.{}", job.id, job.attempt)).await
}

async fn write(services: &Services, tx: &mut AuthTx, due: &JobPayload) -> StoreResult<Option<Post>> {
    let pages = &services.pages;
    match due.about {
        About::EmailVerification => {
            let purpose = Purpose::EmailVerification;
            let Some(link) = link(services, tx, due.user, purpose).await? else { return Ok(None) };
            let hours = purpose.life().num_hours();
            post(
                link.email,
                &EmailVerification { link: pages.with_token("/verify-email", &link.token), hours },
            )
        }
        About::PasswordReset => {
            let purpose = Purpose::PasswordReset;
            let Some(link) = link(services, tx, due.user, purpose).await? else { return Ok(None) };
            let (hours, name) = (purpose.life().num_hours(), link.name);
            let link_to = pages.with_token("/reset-password", &link.token);
            post(link.email, &PasswordReset { name, link: link_to, hours })
        }
        About::RegisteredAgain => {
            let Some(user) = open_user(tx, due.user).await? else { return Ok(None) };
            post(user.email, &RegisteredAgain { name: user.name, link: pages.at("/sign-in") })
        }
        About::FactorAdded => {
            let Some(user) = open_user(tx, due.user).await? else { return Ok(None) };
            post(user.email, &FactorAdded { name: user.name, link: pages.at("/forgot-password") })
        }
        About::FactorRemoved => {
            let Some(user) = open_user(tx, due.user).await? else { return Ok(None) };
            post(user.email, &FactorRemoved { name: user.name, link: pages.at("/forgot-password") })
        }
        About::RecoveryCodeUsed { left } => {
            let Some(user) = open_user(tx, due.user).await? else { return Ok(None) };
            post(user.email, &RecoveryCodeUsed { name: user.name, left, link: pages.at("/forgot-password") })
        }
        About::PasswordChanged => {
            let Some(user) = open_user(tx, due.user).await? else { return Ok(None) };
            post(user.email, &PasswordChanged { name: user.name, link: pages.at("/forgot-password") })
        }
    }
}

async fn link(
    services: &Services,
    tx: &mut AuthTx,
    user: UserId,
    purpose: Purpose,
) -> StoreResult<Option<Link>> {
    issue_link(&mut tx.auth(), user, purpose, &services.secrets, services.now()).await
}

async fn open_user(tx: &mut AuthTx, user: UserId) -> StoreResult<Option<User>> {
    Ok(tx.auth().user_find(user).await?.filter(|user| user.check_open().is_ok()))
}

fn post(to: Email, letter: &impl Letter) -> StoreResult<Option<Post>> {
    Ok(Some(Post::new(to, Locale::default(), letter)))
}
