//! Changing a location, or moving it in its tree (TEN-03).

use crate::{
    Organization, OrganizationDraft, Organizations, UseCaseError,
    create_organization::{check_location, seers},
    domain_event::{OfOrganization, OrganizationEdited},
    hierarchy::check_parent,
    permission::EditOrganization,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{
    Assignment, DomainEvent, OrganizationNode, Permission, PermissionSet, Permit, Scope, Slug,
    holding::is_below,
    manage::{
        GrantsChanged, HoldingsStore,
        role::{expand, names},
    },
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("organizations.edit").seen_by(Slug::MANAGE_STAFF.audience());

/// Changes the location `id`, whose version the caller read as `expected`. A move requires the permission
/// at the old parent and at the new parent, and every permission that roles of scope `subtree` lose or gain
/// by the move: nobody grants or revokes what they do not hold themselves.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Stale`]; [`UseCaseError::Denied`] with
/// `organizations.closed`, `organizations.edit.currency_fixed`, `organizations.parent.*`,
/// `organizations.move.exceeds_own`.
pub async fn edit_organization<T: Organizations + HoldingsStore + Journal>(
    permit: &Permit<EditOrganization>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
    draft: OrganizationDraft,
    now: DateTime<Utc>,
) -> Result<Organization, UseCaseError> {
    let (tree, before) = lock(permit, tx, id, expected).await?;
    let after = edited(permit, &tree, &before, draft, now);
    let after = tx.record_if_denied(DecisionContext::new(COMMAND, id, id), after)?;
    let moved = before.parent != after.parent;
    if moved {
        let held = held_or_offered(tx).await?;
        let checked = check_move(permit, &tree, &held, id, after.parent);
        tx.record_if_denied(DecisionContext::new(COMMAND, id, id), checked)?;
    }
    let mut felt = if moved { seers(tx, &[id]).await? } else { Vec::new() };
    tx.organization_update(&after).await?;
    if moved {
        felt.extend(seers(tx, &[id]).await?);
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: vec![id],
        details: json!({ "changed": difference(&before, &after) }),
    });
    tx.event_publish(OrganizationEdited(OfOrganization { organization: id }).published(now));
    GrantsChanged::publish_all(felt, tx, now);
    Ok(after)
}

/// Locks the open locations and the location to change, and checks that its version is `expected`.
pub(crate) async fn lock<P: Permission, T: Organizations>(
    permit: &Permit<P>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
) -> Result<(Vec<OrganizationNode>, Organization), UseCaseError> {
    permit.require_at(id, "organization")?;
    let tree = tx.tree_lock().await?;
    let before = tx.organization_lock(id).await?.ok_or(UseCaseError::NotFound("organization"))?;
    if before.version == expected { Ok((tree, before)) } else { Err(UseCaseError::Stale) }
}

fn edited(
    permit: &Permit<EditOrganization>,
    tree: &[OrganizationNode],
    before: &Organization,
    draft: OrganizationDraft,
    now: DateTime<Utc>,
) -> Result<Organization, UseCaseError> {
    if draft.parent != before.parent {
        check_location(permit, tree, before.parent)?;
        check_location(permit, tree, draft.parent)?;
        check_parent(tree, Some(before.id), draft.parent)?;
    }
    Ok(before.edit(draft, now)?)
}

/// The roles that people have, and the roles that open invitations offer.
async fn held_or_offered<T: HoldingsStore>(tx: &mut T) -> Result<Vec<Assignment>, UseCaseError> {
    let staff = tx.holdings_all().await?.into_iter().flat_map(|staff| staff.holdings.assignments);
    let mut held: Vec<_> = staff.collect();
    held.extend(tx.offers_all().await?);
    Ok(held)
}

/// Checks that the caller holds, at `id` and all locations below it, every permission that the subtree
/// roles in `held` grant under exactly one of the old and the new parent.
fn check_move<P: Permission>(
    permit: &Permit<P>,
    tree: &[OrganizationNode],
    held: &[Assignment],
    id: OrganizationId,
    parent: Option<OrganizationId>,
) -> Result<(), Denial> {
    let after: Vec<_> = tree
        .iter()
        .map(|node| if node.organization == id { OrganizationNode { parent, ..*node } } else { *node })
        .collect();
    let changes = |assignment: &&Assignment| match assignment.scope {
        Scope::Subtree(root) => is_below(tree, id, root) != is_below(&after, id, root),
        Scope::Organization(_) | Scope::Owned => false,
    };
    let changing: Vec<_> = held.iter().filter(changes).collect();
    let changed =
        changing.iter().fold(PermissionSet::EMPTY, |set, assignment| set.union(expand(&assignment.patterns)));
    let moved: Vec<_> =
        tree.iter().map(|node| node.organization).filter(|at| is_below(tree, *at, id)).collect();
    let reaches = |slug, at: &OrganizationId| permit.grants().reach(slug).covers(*at);
    let missing: PermissionSet =
        changed.iter().filter(|slug| !moved.iter().all(|at| reaches(*slug, at))).collect();
    if missing == PermissionSet::EMPTY {
        return Ok(());
    }
    let gives = |assignment: &&&Assignment| {
        expand(&assignment.patterns).intersection(missing) != PermissionSet::EMPTY
    };
    let mut roles: Vec<_> = changing.iter().filter(gives).map(|assignment| &*assignment.name).collect();
    roles.sort_unstable();
    roles.dedup();
    Err(Denial::right("organizations.move.exceeds_own")
        .because("permissions.missing", names(missing))
        .because("roles", roles)
        .remedy(
            "These roles reach a location and all below it, so the move gives or takes their permissions here. \
             Ask someone who holds these permissions at this location to move it.",
            Some("list_permission_holders"),
        ))
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
