//! What owners do with the single sign-on of their tenant: link it, require it, unlink it.
//!
//! Single sign-on concerns everyone at every location, so all of it requires managing roles at all of them.

use crate::{
    Refusal, SsoLink, SsoOrganization, SsoSettings,
    domain_event::{OfTenant, SsoLinked, SsoPolicySet, SsoUnlinked},
    ending::person,
    sso::PROOF,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, SessionId, UseCaseError,
};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::ManageRoles};

/// Linking, in decisions and in the audit trail.
pub const LINK: Command = Command::new("sso_links.link").seen_by(Slug::MANAGE_ROLES.audience());
/// Unlinking.
pub const UNLINK: Command = Command::new("sso_links.unlink").seen_by(Slug::MANAGE_ROLES.audience());
/// Requiring single sign-on, or no longer.
pub const SET_POLICY: Command = Command::new("sso_links.set_policy").seen_by(Slug::MANAGE_ROLES.audience());

/// Who may manage the single sign-on of the tenant.
#[derive(Debug)]
pub struct Manager {
    session: SessionId,
    locations: Vec<OrganizationId>,
}

/// Checks that the caller may manage the single sign-on of the tenant.
///
/// # Errors
/// [`UseCaseError::Denied`] with `auth.sso.beyond_reach` or `auth.person_required`.
pub async fn check_manager<T: SsoSettings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    command: Command,
) -> Result<Manager, UseCaseError> {
    let (_, session) = match person(permit) {
        Ok(caller) => caller,
        Err(Refusal::Denied(denial)) => return Err(UseCaseError::Denied(*denial)),
        Err(_) => return Err(UseCaseError::NotFound("session")),
    };
    let locations = tx.sso_locations().await?;
    let out_of_reach = locations.iter().filter(|at| !permit.reach().covers(**at)).count();
    let decision = DecisionContext::new(command, permit.tenant(), None);
    tx.record_if_denied(decision, check_reach(out_of_reach))?;
    Ok(Manager { session, locations })
}

/// Links the tenant to `found`, or stores what the provider has of it now.
///
/// # Errors
/// Those of [`check_manager`].
pub async fn link_sso<T: SsoSettings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    found: SsoOrganization,
    now: DateTime<Utc>,
) -> Result<SsoLink, UseCaseError> {
    let manager = check_manager(permit, tx, LINK).await?;
    let tenant = permit.tenant();
    let before = tx.sso_link_lock(tenant).await?;
    let same = before.as_ref().filter(|link| link.provider_organization == found.id);
    let link = SsoLink {
        tenant,
        provider_organization: found.id,
        required_since: same.and_then(|link| link.required_since),
        linked_at: same.map_or(now, |link| link.linked_at),
        read_at: now,
        version: before.as_ref().map_or(1, |link| link.version + 1),
        connections: found.connections,
        domains: found.domains,
    };
    tx.sso_link_save(&link).await?;
    let details = serde_json::json!({
        "provider_organization": link.provider_organization,
        "connections": link.connections.len(),
        "domains": link.verified().collect::<Vec<_>>(),
    });
    note(permit, tx, LINK, manager, details);
    tx.event_publish(SsoLinked(OfTenant { tenant }).published(now));
    Ok(link)
}

/// Unlinks the tenant: its people sign in as before. Unlinking twice is no error.
///
/// # Errors
/// Those of [`check_manager`].
pub async fn unlink_sso<T: SsoSettings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let manager = check_manager(permit, tx, UNLINK).await?;
    let tenant = permit.tenant();
    let Some(link) = tx.sso_link_lock(tenant).await? else { return Ok(()) };
    tx.sso_link_delete(tenant).await?;
    let details = serde_json::json!({
        "provider_organization": link.provider_organization,
        "was_required": link.required_since.is_some(),
    });
    note(permit, tx, UNLINK, manager, details);
    tx.event_publish(SsoUnlinked(OfTenant { tenant }).published(now));
    Ok(())
}

/// Requires single sign-on, or no longer, in the link that the caller read in version `expected`.
///
/// # Errors
/// [`UseCaseError::NotFound`] without a link, [`UseCaseError::Stale`], those of [`check_manager`], and
/// [`UseCaseError::Denied`] with `auth.sso.not_ready` or `auth.sso.not_proven`.
pub async fn set_sso_policy<T: SsoSettings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    (expected, is_required): (i32, bool),
    now: DateTime<Utc>,
) -> Result<SsoLink, UseCaseError> {
    let manager = check_manager(permit, tx, SET_POLICY).await?;
    let tenant = permit.tenant();
    let link = tx.sso_link_lock(tenant).await?.ok_or(UseCaseError::NotFound("single sign-on"))?;
    if link.version != expected {
        return Err(UseCaseError::Stale);
    }
    if is_required {
        let proven = tx.sso_sign_in_find(manager.session, &link.provider_organization).await?;
        let decision = DecisionContext::new(SET_POLICY, tenant, None);
        tx.record_if_denied(decision, check_requirable(&link, proven, now))?;
    }
    let required_since = is_required.then(|| link.required_since.unwrap_or(now));
    let link = SsoLink { required_since, version: link.version + 1, ..link };
    tx.sso_policy_save(&link).await?;
    note(permit, tx, SET_POLICY, manager, serde_json::json!({ "is_required": is_required }));
    tx.event_publish(SsoPolicySet(OfTenant { tenant }).published(now));
    Ok(link)
}

/// Nobody locks themselves out: single sign-on works, for the one who requires it too.
fn check_requirable(link: &SsoLink, proven: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Denial> {
    let (is_active, domains) = (link.active().is_some(), link.verified().count());
    if !is_active || domains == 0 {
        return Err(Denial::state("auth.sso.not_ready")
            .because("connection.active", is_active)
            .because("domains.verified", domains)
            .remedy("Set up a connection and verify a domain first.", Some("create_sso_setup_link")));
    }
    if proven.is_some_and(|at| now - at <= PROOF) {
        return Ok(());
    }
    Err(Denial::right("auth.sso.not_proven")
        .because("signed_in_at", proven)
        .because("within_minutes", PROOF.num_minutes())
        .remedy("Sign in by single sign-on yourself, then require it.", Some("start_workos_sign_in")))
}

fn check_reach(out_of_reach: usize) -> Result<(), Denial> {
    if out_of_reach == 0 {
        return Ok(());
    }
    Err(Denial::right("auth.sso.beyond_reach").because("organizations.out_of_reach", out_of_reach).remedy(
        "Single sign-on applies at every location. Ask someone who manages roles at all of them.",
        Some("list_permission_holders"),
    ))
}

fn note(
    permit: &Permit<ManageRoles>,
    tx: &mut impl Journal,
    command: Command,
    manager: Manager,
    details: serde_json::Value,
) {
    tx.audit_append(AuditEntry {
        action: command.name,
        target: permit.tenant().uuid(),
        subject: None,
        organizations: manager.locations,
        details,
    });
}

#[cfg(test)]
mod tests;
