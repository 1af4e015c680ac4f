//! Changing the settings and hours of a location (TEN-07, TEN-09).

use crate::{
    BusinessHours, OrganizationSettings, Settings, SettingsStore, UseCaseError,
    domain_event::SettingsChanged, permission::EditSettings,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command =
    Command::new("organizations.edit_settings").seen_by(Slug::MANAGE_STAFF.audience());

/// Sets the settings of `organization`, whose settings the caller read in version `expected`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Stale`]; [`UseCaseError::Denied`]; [`UseCaseError::Invalid`] for
/// an amount in another currency than that of the location.
pub async fn edit_settings<T: SettingsStore + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<OrganizationSettings, UseCaseError> {
    let before = lock(permit, tx, organization, expected).await?;
    let after = before.with_settings(settings, now)?;
    keep(tx, COMMAND.name, before, after, None, now).await
}

/// Sets the hours of `organization`, whose settings the caller read in version `expected`.
///
/// # Errors
/// As [`edit_settings`].
pub async fn edit_hours<T: SettingsStore + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
    hours: BusinessHours,
    now: DateTime<Utc>,
) -> Result<OrganizationSettings, UseCaseError> {
    let before = lock(permit, tx, organization, expected).await?;
    let after = before.with_hours(hours, now);
    keep(tx, COMMAND.name, before, after, None, now).await
}

async fn lock<T: SettingsStore + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    organization: OrganizationId,
    expected: i32,
) -> Result<OrganizationSettings, UseCaseError> {
    permit.require_at(organization, "organization")?;
    let current = tx.settings_lock(organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    if !current.is_open {
        let closed = Denial::state("organizations.closed").because("organization", organization);
        tx.record_if_denied(DecisionContext::new(COMMAND, organization, organization), Err(closed))?;
    }
    if current.version == expected { Ok(current) } else { Err(UseCaseError::Stale) }
}

/// Stores `after` and records what changed. When nothing changed, no new version is stored.
pub(crate) async fn keep<T: SettingsStore + Journal>(
    tx: &mut T,
    command: &'static str,
    before: OrganizationSettings,
    after: OrganizationSettings,
    from: Option<OrganizationId>,
    now: DateTime<Utc>,
) -> Result<OrganizationSettings, UseCaseError> {
    let difference = before.difference(&after);
    if difference.is_empty() {
        return Ok(before);
    }
    tx.settings_update(&after).await?;
    let difference = recorded(difference);
    let changed = difference.keys().cloned().collect();
    tx.audit_append(AuditEntry {
        action: command,
        target: after.organization.uuid(),
        subject: None,
        organizations: from.into_iter().chain([after.organization]).collect(),
        details: json!({ "from_organization": from, "changed": difference }),
    });
    tx.event_publish(SettingsChanged { organization: after.organization, changed }.published(now));
    Ok(after)
}

// The audit trail and the domain event have amounts as numbers of minor units, under names such as
// `noshow_fee_minor`: their currency is that of the location, which never changes.
fn recorded(difference: Map<String, Value>) -> Map<String, Value> {
    let minor = |amount: &Value| amount.get("minor").cloned();
    let record = |(field, change): (String, Value)| match minor(&change["from"]).zip(minor(&change["to"])) {
        Some((from, to)) => (format!("{field}_minor"), json!({ "from": from, "to": to })),
        None => (field, change),
    };
    difference.into_iter().map(record).collect()
}
