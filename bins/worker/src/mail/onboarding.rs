//! The mail that verifies the mailbox of a person who opens a tenant (ONB-05).
//!
//! Every address gets one, known or not, and only its reader learns which it is. The first step of
//! onboarding creates no user; an unknown user is created here with the status `pending_claim`, so the
//! request does the same work for everyone. As with all such mails the link is created when the mail is sent,
//! and a repeated mail has a new one. Users who have a password already set another one with the link, and the
//! mail says so: the reader may not be the person who sent the request.

use super::post::{Post, hand_over};
use crate::Services;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tryzore_auth::{Purpose, User, UserStatus, Users, issue_link::issue_link, letter::RegisteredAgain};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OnboardingId, StoreResult};
use tryzore_messaging::Locale;
use tryzore_postgres::{
    AuthTx,
    runtime::{Enqueue, Job, NewJob, program::Outcome},
};
use tryzore_tenancy::{OwnerAccounts, letter::OnboardingResume, onboarding::OnboardingStore};
use tryzore_tenancy_postgres::Tenancy;

/// The kind of jobs that send the mail.
pub const SEND: &str = "mail.onboarding";

#[derive(Serialize, Deserialize)]
struct JobPayload {
    onboarding: OnboardingId,
}

/// Enqueues the mail of the session `onboarding`.
pub fn enqueue(tx: &mut AuthTx, onboarding: OnboardingId) {
    // The user is waiting for it.
    tx.job_enqueue(NewJob::new(SEND, &JobPayload { onboarding }).priority(10));
}

/// Sends the mail of `job`, unless it has become obsolete.
///
/// # Errors
/// Permanent when the relay refuses the mail permanently.
pub async fn send(services: Services, job: Job) -> Outcome {
    let due: JobPayload = job.payload()?;
    let written = services.db.auth_tx(async |tx| write(&services, tx, due.onboarding).await).await?;
    let Some(post) = written else { return Ok(()) };
    hand_over(&services, post, &format!("{}.{}", job.id, job.attempt)).await
}

async fn write(services: &Services, tx: &mut AuthTx, onboarding: OnboardingId) -> StoreResult<Option<Post>> {
    let (pages, now) = (&services.pages, services.now());
    // Abandoned, expired or verified meanwhile: the mail is not needed.
    let waiting = tx.tenancy().onboarding_find(onboarding).await?;
    let Some(session) = waiting.filter(|it| it.account().is_none() && it.check_alive(now).is_ok()) else {
        return Ok(None);
    };
    let Some(details) = session.details else { return Ok(None) };
    let owner = tx.tenancy().owner_lock_by_email(&details.email).await?;
    if let Some(owner) = owner.filter(|owner| owner.is_onboarded()) {
        let letter = RegisteredAgain { name: owner.name, link: pages.at("/sign-in") };
        return Ok(Some(Post::new(details.email, Locale::default(), &letter)));
    }
    tx.auth().user_insert(&User::new(details.email.clone(), details.name, None, now)).await?;
    let Some(user) = tx.auth().user_find_by_email(&details.email).await? else { return Ok(None) };
    let replaces_password = user.status == UserStatus::Active;
    let purpose = if replaces_password { Purpose::PasswordReset } else { Purpose::EmailVerification };
    let Some(link) = issue_link(&mut tx.auth(), user.id, purpose, &services.secrets, now).await? else {
        return Ok(None);
    };
    let hours = hours_up(link.expires_at.min(session.expires_at) - now);
    let link_to = pages.with_token("/onboarding", &link.token);
    let letter = OnboardingResume { link: link_to, hours, replaces_password };
    Ok(Some(Post::new(link.email, Locale::default(), &letter)))
}

// Rounded up: a session that began a minute ago is valid for 24 hours.
const fn hours_up(left: TimeDelta) -> i64 {
    (left.num_minutes() + 59) / 60
}
