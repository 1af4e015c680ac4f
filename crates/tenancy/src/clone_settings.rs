//! One location gets the settings and hours of another (TEN-10).

use crate::{
    OrganizationSettings, SettingsStore, UseCaseError, edit_settings::keep, permission::EditSettings,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tryzore_kernel::{DecisionContext, Journal, OrganizationId};
use tryzore_rbac::Permit;

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "organizations.clone_settings";

/// What copying has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloned {
    /// The location that was copied to.
    pub settings: OrganizationSettings,
    /// What changed there: field, then `{from, to}`.
    pub changed: Map<String, Value>,
}

/// Copies settings and hours of `from` to `to`. Name, address, keys, currency and the number at the
/// tax office stay.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a location that the caller does not see; [`UseCaseError::Denied`]
/// with `organizations.clone_settings.*`.
pub async fn clone_settings<T: SettingsStore + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    from: OrganizationId,
    to: OrganizationId,
    now: DateTime<Utc>,
) -> Result<Cloned, UseCaseError> {
    for at in [from, to] {
        permit.require_at(at, "organization")?;
    }
    let source = tx.settings_find(from).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let before = tx.settings_lock(to).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let after = tx.record_if_denied(DecisionContext::new(COMMAND, to, to), before.copy_from(&source, now))?;
    let changed = before.difference(&after);
    let settings = keep(tx, COMMAND, before, after, Some(from), now).await?;
    Ok(Cloned { settings, changed })
}
