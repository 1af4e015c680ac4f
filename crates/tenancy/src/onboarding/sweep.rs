//! What nobody finished is archived and taken away (ONB-08). Runs every hour.

use super::OnboardingArchive;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tryzore_kernel::StoreResult;

/// How long an owner account without any location is kept.
pub const SIGNUP_LIFE: Duration = Duration::days(7);

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Sessions that had expired before they were complete.
    pub sessions: u64,
    /// Owner accounts older than [`SIGNUP_LIFE`] that never had a location.
    pub signups: u64,
}

/// Archives and deletes sessions that expired before `now` incomplete, then owner accounts made
/// before `now` less seven days that never had a location.
///
/// # Errors
/// When the store fails.
pub async fn sweep<T: OnboardingArchive>(tx: &mut T, now: DateTime<Utc>) -> StoreResult<Swept> {
    let sessions = tx.archive_sessions(now).await?;
    let signups = tx.archive_signups(now - SIGNUP_LIFE, now).await?;
    Ok(Swept { sessions, signups })
}
