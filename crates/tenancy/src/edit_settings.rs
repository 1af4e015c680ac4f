//! The rules of a house and its hours are set (TEN-07, TEN-09).

use crate::{
    BusinessHours, DomainEvent, House, Settings, SettingsBook, TenancyError, permission::EditSettings,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Denial, Journal, Matter, OrganizationId};
use tryzore_rbac::Permit;

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "organizations.edit_settings";

/// Sets the rules of `organization`, whose settings the caller read in version `expected`.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Stale`]; [`TenancyError::Denied`].
pub async fn edit_settings<T: SettingsBook + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<House, TenancyError> {
    let before = lock(permit, tx, organization, expected).await?;
    let after = before.with_settings(settings, now);
    keep(tx, COMMAND, before, after, None, now).await
}

/// Sets the hours of `organization`, whose settings the caller read in version `expected`.
///
/// # Errors
/// As [`edit_settings`].
pub async fn edit_hours<T: SettingsBook + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
    hours: BusinessHours,
    now: DateTime<Utc>,
) -> Result<House, TenancyError> {
    let before = lock(permit, tx, organization, expected).await?;
    let after = before.with_hours(hours, now);
    keep(tx, COMMAND, before, after, None, now).await
}

async fn lock<T: SettingsBook + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
) -> Result<House, TenancyError> {
    permit.at(organization).map_err(|beyond| TenancyError::beyond("organization", beyond))?;
    let house = tx.house_lock(organization).await?.ok_or(TenancyError::NotFound("organization"))?;
    if !house.is_open {
        let closed = Denial::state("organizations.closed").because("organization", organization);
        tx.decision_heed(Matter::new(COMMAND, organization, organization), Err(closed))?;
    }
    if house.version == expected { Ok(house) } else { Err(TenancyError::Stale) }
}

/// Keeps `after` and tells what changed; a change that changes nothing is no new version.
pub(crate) async fn keep<T: SettingsBook + Journal>(
    tx: &mut T,
    command: &'static str,
    before: House,
    after: House,
    from: Option<OrganizationId>,
    now: DateTime<Utc>,
) -> Result<House, TenancyError> {
    let difference = before.difference(&after);
    if difference.is_empty() {
        return Ok(before);
    }
    tx.house_update(&after).await?;
    let changed = difference.keys().cloned().collect();
    tx.audit_append(AuditEntry {
        action: command,
        target: after.organization.uuid(),
        subject: None,
        organizations: from.into_iter().chain([after.organization]).collect(),
        details: serde_json::json!({ "from_organization": from, "changed": difference }),
    });
    DomainEvent::SettingsChanged { organization: after.organization, changed }.publish(
        tx,
        Some(after.organization),
        now,
    );
    Ok(after)
}
