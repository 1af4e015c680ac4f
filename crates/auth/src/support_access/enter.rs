//! An operator begins an acting session under an approval.

use super::decide::not_approved;
use crate::{
    Acting, Claims, Memberships, Origin, Refusal, Session, Sessions, Settled, Shows, SupportApprovals, Users,
    acting, impersonate::Started,
};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{OrganizationId, SessionId, SupportGrantId, TenantId};
use tryzore_rbac::{PlatformPermit, platform::RequestSupportAccess};

/// How long a session under an approval lasts at most; then another one is begun, while the approval lasts.
pub const SUPPORT_SESSION_LIFE: TimeDelta = TimeDelta::hours(1);

/// Begins a session of the operator in `tenant` under the approval `id`, at `organization` or at any location of
/// the approval.
///
/// # Errors
/// Inner: 404 for a request of another operator; `support_access.not_approved`; 422 for the location.
pub async fn enter<T: SupportApprovals + Users + Sessions + Memberships>(
    permit: &PlatformPermit<RequestSupportAccess>,
    tx: &mut T,
    (tenant, id): (TenantId, SupportGrantId),
    organization: Option<OrganizationId>,
    origin: Origin,
    now: DateTime<Utc>,
) -> Settled<Started> {
    let grant = tx.support_grant_lock(tenant, id).await?;
    let Some(grant) = grant.filter(|grant| grant.requested_by == permit.user()) else {
        return Ok(Err(Refusal::NotFound("support grant")));
    };
    let (true, Some(until)) = (grant.is_open(now), grant.expires_at) else {
        return Ok(Err(not_approved(&grant, "request_support_access").into()));
    };
    let Some(operator) = tx.user_find(permit.user()).await? else {
        return Ok(Err(Refusal::NotFound("user")));
    };
    let session = Session {
        id: SessionId::generate(now),
        user: operator.id,
        tenant,
        organization: None,
        origin,
        provider_session: None,
        created_at: now,
        last_active: now,
        expires_at: until.min(now + SUPPORT_SESSION_LIFE),
        revoked: None,
        // What the tenant guards with a factor stays closed: operators have none at the tenant.
        factor: None,
        acting: Some(Acting {
            shows: Shows::Tenant { grant: id, patterns: grant.patterns },
            organizations: grant.organizations,
            reason: grant.ticket.map_or_else(|| grant.reason.clone(), |it| format!("{it}: {}", grant.reason)),
        }),
    };
    let view = match acting::view(tx, &session).await? {
        Ok(Some(view)) => view,
        Ok(None) => return Ok(Err(Refusal::NotFound("tenant"))),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let first = organization.or_else(|| view.available.first().copied());
    let session = match first {
        None => session,
        Some(first) => match session.move_to(first, &view.available) {
            Ok(session) => session,
            Err(_) => {
                let detail = "expected a location of the approval".into();
                return Ok(Err(Refusal::Invalid { pointer: "/organization_id", detail }));
            }
        },
    };
    tx.session_insert(&session).await?;
    let claims = Claims::of_view(&operator, &session, &view, now);
    Ok(Ok(Started { subject: operator, session, claims }))
}
