//! Copying the settings and hours of one location to another (TEN-10).

use crate::{
    OrganizationSettings, SettingsStore, UseCaseError, edit_settings::keep, permission::EditSettings,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tryzore_kernel::{Command, DecisionContext, Journal, OrganizationId};
use tryzore_rbac::{Permit, Slug};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command =
    Command::new("organizations.clone_settings").seen_by(Slug::MANAGE_STAFF.audience());

/// The result of copying settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloned {
    /// The settings of the location that was copied to.
    pub settings: OrganizationSettings,
    /// The fields that changed at that location: field name to `{from, to}`.
    pub changed: Map<String, Value>,
}

/// Copies the settings and hours of `from` to `to`. The name, address, keys, currency and tax registration
/// number of `to` do not change.
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
    let settings = keep(tx, COMMAND.name, before, after, Some(from), now).await?;
    Ok(Cloned { settings, changed })
}
