//! The sessions of the signed-in user.

use crate::{Session, Sessions, Settled, ending::person};
use chrono::{DateTime, Utc};
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

/// A session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// Whether the request was made with this session.
    pub is_current: bool,
}

/// The live sessions of the signed-in user, in all tenants, last active first.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn list_sessions<T: Sessions>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    now: DateTime<Utc>,
) -> Settled<Vec<Listed>> {
    let (user, current) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let sessions = tx.session_list(user, now).await?;
    let listed = |session: Session| Listed { is_current: session.id == current, session };
    Ok(Ok(sessions.into_iter().map(listed).collect()))
}
