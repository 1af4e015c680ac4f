//! Impersonation: an employee sees what a client sees, or a colleague with fewer permissions (AUT-16).

use crate::{
    Acting, Claims, Memberships, Origin, Refusal, Session, Sessions, Settled, Shows, User, Users,
    acting::{self, IMPERSONATION_LIFE, REASON, check_fewer_rights, check_sees_everywhere},
    domain_event::{Impersonation, ImpersonationStarted},
    ending::person,
    membership,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, SessionId, UserId,
};
use tryzore_rbac::{DomainEvent, Holdings, Permit, Slug, catalogue::Impersonate};

/// The command, in recorded decisions.
pub const COMMAND: Command = Command::new("impersonations.start").seen_by(Slug::MANAGE_ROLES.audience());

/// A request to see what somebody else sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpersonationRequest {
    /// The person.
    pub subject: UserId,
    /// Why: 3 to 500 characters, which the person can read.
    pub reason: String,
    /// The location to begin at; the person's own by default.
    pub organization: Option<OrganizationId>,
    /// The locations that the session may be at; all those of the person, where the caller may impersonate, by
    /// default.
    pub organizations: Option<Vec<OrganizationId>>,
}

/// An acting session that has begun. It has no refresh token.
#[derive(Debug, Clone)]
pub struct Started {
    /// The subject of the access token: the person whose view is shown, or the operator with support access.
    pub subject: User,
    /// The acting session.
    pub session: Session,
    /// The claims of its access token.
    pub claims: Claims,
}

/// Begins an impersonation of [`IMPERSONATION_LIFE`].
///
/// # Errors
/// Inner: 404 for a person whom the caller cannot see; 403 where the caller may not impersonate; 422 for a field;
/// `auth.impersonation.oneself`, `auth.impersonation.not_fewer_rights`, `auth.person_required`.
pub async fn impersonate<T: Users + Sessions + Memberships + Journal>(
    permit: &Permit<Impersonate>,
    tx: &mut T,
    request: ImpersonationRequest,
    origin: Origin,
    now: DateTime<Utc>,
) -> Settled<Started> {
    let (user, own) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let tenant = permit.tenant();
    let belongs = tx.membership_list(request.subject).await?.into_iter().find(|one| one.tenant == tenant);
    let theirs = tx.holdings_find(request.subject, tenant).await?;
    let (Some(subject), Some(belongs), Some(theirs)) =
        (tx.user_find(request.subject).await?, belongs, theirs)
    else {
        return Ok(Err(Refusal::NotFound("user")));
    };
    let decision = DecisionContext::new(COMMAND, subject.id, belongs.home).about(subject.id);
    let checked = check(permit, user, &request, belongs.home, &theirs);
    let organizations = match tx.record_if_denied(decision, checked) {
        Ok(organizations) => organizations,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // Whoever has just used a factor need not use it again to see what requires one.
    let own_factor = tx.session_find(own).await?.and_then(|own| own.factor);
    let session = Session {
        id: SessionId::generate(now),
        user,
        tenant,
        organization: None,
        origin,
        provider_session: None,
        created_at: now,
        last_active: now,
        expires_at: now + IMPERSONATION_LIFE,
        revoked: None,
        factor: own_factor,
        acting: Some(Acting {
            shows: Shows::Person(subject.id),
            organizations: Some(organizations),
            reason: request.reason.trim().to_owned(),
        }),
    };
    let view = match acting::view(tx, &session).await? {
        Ok(Some(view)) => view,
        Ok(None) => return Ok(Err(Refusal::NotFound("user"))),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let session = match membership::arrive(session, request.organization, &belongs, &view.available) {
        Ok(session) => session,
        Err(_) => {
            let detail = "expected one of the locations of this person where you may impersonate".into();
            return Ok(Err(Refusal::Invalid { pointer: "/organization_id", detail }));
        }
    };
    tx.session_insert(&session).await?;
    let (id, at) = (session.id, session.organization);
    tx.audit_append(AuditEntry {
        action: "impersonations.start",
        target: id.uuid(),
        subject: Some(subject.id),
        organizations: at.into_iter().collect(),
        details: serde_json::json!({
            "reason": session.acting.as_ref().map(|acting| &acting.reason),
            "expires_at": session.expires_at,
            "organizations": view.available,
        }),
    });
    let started = Impersonation { user, subject: subject.id, session: id, organization: at };
    tx.event_publish(ImpersonationStarted(started).published(now));
    let claims = Claims::of_view(&subject, &session, &view, now);
    Ok(Ok(Started { subject, session, claims }))
}

/// The locations that the session may be at.
fn check(
    permit: &Permit<Impersonate>,
    user: UserId,
    request: &ImpersonationRequest,
    home: Option<OrganizationId>,
    theirs: &Holdings,
) -> Result<Vec<OrganizationId>, Refusal> {
    let available = membership::available(theirs);
    // An employee belongs where they work; a client, who can be at every location, where they are at home.
    let belongs: Vec<OrganizationId> = match home.filter(|_| theirs.is_client) {
        Some(home) => available.iter().copied().filter(|at| *at == home || theirs.sees(*at)).collect(),
        None => available.clone(),
    };
    if !belongs.iter().any(|at| permit.reach().covers(*at)) {
        let at = belongs.iter().copied().find(|at| permit.grants().visible().covers(*at));
        let Some(at) = at else { return Err(Refusal::NotFound("user")) };
        return permit.at(at).map(|()| available).map_err(|beyond| match beyond {
            tryzore_rbac::permit::OutOfReach::Hidden => Refusal::NotFound("user"),
            tryzore_rbac::permit::OutOfReach::Denied(denial) => denial.into(),
        });
    }
    if !REASON.contains(&request.reason.trim().chars().count()) {
        return Err(Refusal::Invalid { pointer: "/reason", detail: "expected 3 to 500 characters".into() });
    }
    if user == request.subject {
        return Err(Denial::state("auth.impersonation.oneself")
            .because("user", user)
            .remedy("You see what you see without an impersonation.", None)
            .into());
    }
    check_fewer_rights(permit.grants(), theirs)?;
    check_sees_everywhere(permit.grants(), theirs)?;
    let allowed: Vec<_> = available.into_iter().filter(|at| permit.reach().covers(*at)).collect();
    match &request.organizations {
        None => Ok(allowed),
        Some(wanted) if !wanted.is_empty() && wanted.iter().all(|at| allowed.contains(at)) => {
            Ok(wanted.clone())
        }
        Some(_) => Err(Refusal::Invalid {
            pointer: "/organization_ids",
            detail: "expected locations of this person where you may impersonate".into(),
        }),
    }
}

#[cfg(test)]
mod tests;
