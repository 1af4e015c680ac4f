//! Archiving unfinished onboarding (ONB-08). Runs every hour.

use super::OnboardingArchive;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tryzore_kernel::StoreResult;

/// How long an owner account without any location is stored.
pub const SIGNUP_LIFE: Duration = Duration::days(7);

/// What the clean-up archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// The number of sessions that expired before they were complete.
    pub sessions: u64,
    /// The number of owner accounts older than [`SIGNUP_LIFE`] that never had a location.
    pub signups: u64,
}

/// Archives and deletes incomplete sessions that expired before `now`, then owner accounts that were
/// created more than [`SIGNUP_LIFE`] before `now` and never had a location.
///
/// # Errors
/// When the store fails.
pub async fn sweep<T: OnboardingArchive>(tx: &mut T, now: DateTime<Utc>) -> StoreResult<Swept> {
    let sessions = tx.archive_sessions(now).await?;
    let signups = tx.archive_signups(now - SIGNUP_LIFE, now).await?;
    Ok(Swept { sessions, signups })
}
