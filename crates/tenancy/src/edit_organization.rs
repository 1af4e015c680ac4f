//! A location is changed, or moved in its tree (TEN-03).

use crate::{
    DomainEvent, Organization, OrganizationDraft, Organizations, TenancyError,
    create_organization::{check_place, seers},
    hierarchy::check_parent,
    permission::EditOrganization,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, Matter, OrganizationId};
use tryzore_rbac::{
    Permission, Permit, Place,
    manage::{GrantsChanged, Standings},
};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "organizations.edit";

/// Changes the location `id`, whose version the caller read as `expected`. Moving it takes the
/// permission at the place that it leaves and at the one that it comes to.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Stale`]; [`TenancyError::Denied`] with
/// `organizations.closed`, `organizations.edit.currency_fixed`, `organizations.parent.*`.
pub async fn edit_organization<T: Organizations + Standings + Journal>(
    permit: &Permit<EditOrganization>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
    draft: OrganizationDraft,
    now: DateTime<Utc>,
) -> Result<Organization, TenancyError> {
    let (places, before) = lock(permit, tx, id, expected).await?;
    let after = edited(permit, &places, &before, draft, now);
    let after = tx.decision_heed(Matter::new(COMMAND, id, id), after)?;
    let moved = before.parent != after.parent;
    let mut felt = if moved { seers(tx, &[id]).await? } else { Vec::new() };
    tx.organization_update(&after).await?;
    if moved {
        felt.extend(seers(tx, &[id]).await?);
    }
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: vec![id],
        details: json!({ "changed": difference(&before, &after) }),
    });
    DomainEvent::OrganizationEdited { organization: id }.publish(tx, Some(id), now);
    GrantsChanged::publish_all(felt, tx, now);
    Ok(after)
}

/// The open locations, and the one that is to be changed, held in the version `expected`.
pub(crate) async fn lock<P: Permission, T: Organizations>(
    permit: &Permit<P>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
) -> Result<(Vec<Place>, Organization), TenancyError> {
    permit.at(id).map_err(|beyond| TenancyError::beyond("organization", beyond))?;
    let places = tx.tree_lock().await?;
    let before = tx.organization_lock(id).await?.ok_or(TenancyError::NotFound("organization"))?;
    if before.version == expected { Ok((places, before)) } else { Err(TenancyError::Stale) }
}

fn edited(
    permit: &Permit<EditOrganization>,
    places: &[Place],
    before: &Organization,
    draft: OrganizationDraft,
    now: DateTime<Utc>,
) -> Result<Organization, TenancyError> {
    if draft.parent != before.parent {
        check_place(permit, places, before.parent)?;
        check_place(permit, places, draft.parent)?;
        check_parent(places, Some(before.id), draft.parent)?;
    }
    Ok(before.edit(draft, now)?)
}

fn difference(before: &Organization, after: &Organization) -> serde_json::Value {
    let fields = |o: &Organization| {
        [
            ("name", json!(o.name)),
            ("address", json!(o.address)),
            ("time_zone", json!(o.zone)),
            ("jurisdiction", json!(o.jurisdiction)),
            ("parent", json!(o.parent)),
            ("is_franchise_location", json!(o.is_franchise_location)),
        ]
    };
    let pairs = fields(before).into_iter().zip(fields(after));
    let changed = pairs.filter(|((_, from), (_, to))| from != to);
    changed.map(|((field, from), (_, to))| (field.to_owned(), json!({ "from": from, "to": to }))).collect()
}
