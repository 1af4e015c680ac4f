//! Whether a session is on a device that its user trusts.

use crate::{SecurityProfiles, Session};
use tryzore_kernel::{Denial, StoreResult};

/// Whether the device of `session` is trusted. A device that does not name itself never is.
pub(crate) async fn is_trusted<T: SecurityProfiles>(tx: &mut T, session: &Session) -> StoreResult<bool> {
    let Some(named) = &session.origin.device.id else { return Ok(false) };
    let device = tx.device_find_named(session.user, named).await?;
    Ok(device.is_some_and(|device| device.trusted_at.is_some()))
}

/// Checks that `session` is on a trusted device.
pub(crate) async fn check<T: SecurityProfiles>(
    tx: &mut T,
    session: Option<&Session>,
) -> StoreResult<Result<(), Denial>> {
    let is_trusted = match session {
        Some(session) => is_trusted(tx, session).await?,
        None => false,
    };
    if is_trusted {
        return Ok(Ok(()));
    }
    Ok(Err(Denial::state("auth.device.not_trusted").because("device.is_trusted", false).remedy(
        "Do this on a device that you trust. If you have none left, choose a new password by mail, which turns \
         the requirement of trusted devices off.",
        Some("request_password_reset"),
    )))
}
