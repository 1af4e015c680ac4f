//! Opening a location (TEN-03).

use crate::{
    Organization, OrganizationDraft, Organizations, Owners, UseCaseError, domain_event::OrganizationOpened,
    hierarchy::check_parent, permission::CreateOrganization,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{
    DomainEvent, OrganizationNode, Permission, Permit, Slug,
    manage::{GrantsChanged, HoldingsStore},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("organizations.create").seen_by(Slug::MANAGE_STAFF.audience());

/// Opens a location. The owners of the parent location own the new location; a location without a parent is
/// owned by every owner of the tenant.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a parent that the caller does not see; [`UseCaseError::Denied`]
/// with `organizations.parent.*`, among them `organizations.parent.needed`.
pub async fn create_organization<T: Organizations + Owners + HoldingsStore + Journal>(
    permit: &Permit<CreateOrganization>,
    tx: &mut T,
    draft: OrganizationDraft,
    now: DateTime<Utc>,
) -> Result<Organization, UseCaseError> {
    let tree = tx.tree_lock().await?;
    let organization = Organization::new(draft, now);
    let admitted = check_location(permit, &tree, organization.parent)
        .and_then(|()| Ok(check_parent(&tree, None, organization.parent)?));
    tx.record_if_denied(DecisionContext::new(COMMAND, organization.id, organization.parent), admitted)?;
    let owners = tx.owners_of(organization.parent).await?;
    tx.organization_insert(&organization).await?;
    for (owner, role) in owners {
        tx.owner_link(owner, organization.id, role, now).await?;
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: organization.id.uuid(),
        subject: None,
        organizations: vec![organization.id],
        details: json!({
            "name": organization.name, "parent": organization.parent,
            "time_zone": organization.zone, "currency": organization.currency,
        }),
    });
    let opened = OrganizationOpened { organization: organization.id, parent: organization.parent };
    tx.event_publish(opened.published(now));
    let seers = seers(tx, &[organization.id]).await?;
    GrantsChanged::publish_all(seers, tx, now);
    Ok(organization)
}

/// Whether `permit` covers the position under `parent`. A location without a parent is at the top level and
/// concerns all locations, so opening one requires the permission at every location that has no parent.
pub(crate) fn check_location<P: Permission>(
    permit: &Permit<P>,
    tree: &[OrganizationNode],
    parent: Option<OrganizationId>,
) -> Result<(), UseCaseError> {
    if let Some(parent) = parent {
        if !tree.iter().any(|node| node.organization == parent) {
            return Err(UseCaseError::NotFound("parent"));
        }
        return permit.require_at(parent, "parent");
    }
    let roots = tree.iter().filter(|node| node.parent.is_none());
    let out_of_reach = roots.filter(|root| !permit.reach().covers(root.organization)).count();
    if out_of_reach == 0 {
        return Ok(());
    }
    Err(Denial::right("organizations.parent.needed")
        .because("permission", P::FULL.as_str())
        .because("organizations.out_of_reach", out_of_reach)
        .remedy("Choose a parent location, or ask an owner.", None)
        .into())
}

/// The users who work at or own one of `organizations`.
pub(crate) async fn seers<T: HoldingsStore>(
    tx: &mut T,
    organizations: &[OrganizationId],
) -> Result<Vec<tryzore_kernel::UserId>, UseCaseError> {
    let all = tx.holdings_all().await?.into_iter();
    let seers = all.filter(|staff| organizations.iter().any(|at| staff.holdings.sees(*at)));
    Ok(seers.map(|staff| staff.user).collect())
}
