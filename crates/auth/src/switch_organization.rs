//! Switching to another location (TEN-13): changes the session and issues a new access token for the
//! location. Other devices of the same person stay where they are.

use crate::{
    Claims, Memberships, Refusal, Session, Sessions, Settled, Users, acting, domain_event::LocationSwitched,
    suspension::turned_away,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, Journal, OrganizationId};
use tryzore_rbac::{DomainEvent, Permit, catalogue::OwnProfile, grants::person_required};

/// The command, in recorded decisions.
pub const COMMAND: Command = Command::new("auth.switch_organization");

/// Moves the session of the request to `organization`; returns the claims of the next access token.
/// Switching to the current location changes and publishes nothing.
///
/// # Errors
/// Inner: `auth.switch_organization.not_available`, `auth.session.revoked`,
/// `auth.session.expired`, `auth.acting.ended`, `tenants.suspended`, `auth.session.no_membership`, `auth.person_required`.
pub async fn switch_organization<T: Users + Sessions + Memberships + Journal>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Settled<Claims> {
    let Some(id) = permit.actor().session() else {
        return Ok(Err(person_required(permit.actor()).into()));
    };
    let Some(session) = tx.session_lock(id).await? else { return Ok(Err(Refusal::NotFound("session"))) };
    let Some(user) = tx.user_find(session.subject()).await? else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    if let Err(refusal) = session.check_live(now) {
        return Ok(Err(refusal));
    }
    let view = match acting::view(tx, &session).await? {
        Ok(Some(view)) => view,
        Ok(None) => return turned_away(tx, &session).await.map(Err),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let from = session.organization;
    let decision = DecisionContext::new(COMMAND, id, None).about(user.id);
    let session = match tx.record_if_denied(decision, session.move_to(organization, &view.available)) {
        Ok(session) => Session { last_active: now, ..session },
        Err(denial) => return Ok(Err(denial.into())),
    };
    if from != session.organization {
        tx.session_update(&session).await?;
        let tenant = session.tenant;
        let switched = LocationSwitched { user: user.id, session: id, tenant, from, to: organization };
        tx.event_publish(switched.published(now));
    }
    Ok(Ok(Claims::of_view(&user, &session, &view, now)))
}

#[cfg(test)]
mod tests;
