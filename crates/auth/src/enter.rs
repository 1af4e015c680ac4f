//! The last step of every sign-in: the session of a user who has proven who they are.

use crate::{
    Claims, FactorUse, Memberships, Origin, RefreshToken, RefreshTokens, Secrets, Session, Sessions, Settled,
    SsoLinks, User, arrival, domain_event,
    login::{SignedIn, Tokens},
    membership,
    refresh_token::REFRESH_LIFE,
    risk::Nowhere,
    secret::{Minted, TokenKind},
    suspension,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Journal, OrganizationId, SessionId, TenantId};
use tryzore_rbac::DomainEvent;

/// How a provider names single sign-on, in [`crate::Identity::authentication_method`].
const SSO: &str = "sso";

/// What a user who has proven who they are brings to their new session.
pub(crate) struct Entry {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) origin: Origin,
    pub(crate) provider_session: Option<String>,
    pub(crate) authentication_method: Option<String>,
    pub(crate) provider_organization: Option<String>,
    pub(crate) factor: Option<FactorUse>,
}

/// Opens a session of `user`, whose row is locked.
pub(crate) async fn enter<T>(
    tx: &mut T,
    user: User,
    entry: Entry,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<SignedIn>
where
    T: Sessions + RefreshTokens + Memberships + SsoLinks + Journal,
{
    let memberships = tx.membership_list(user.id).await?;
    let linked = match &entry.provider_organization {
        Some(organization) => tx.sso_link_of(organization).await?.map(|link| link.tenant),
        None => None,
    };
    // Whoever signs in by the single sign-on of a tenant goes there.
    let linked = linked.filter(|tenant| memberships.iter().any(|one| one.tenant == *tenant));
    let membership = match membership::choose(&memberships, entry.tenant.or(linked)) {
        Ok(membership) => membership,
        Err(refusal) => {
            let suspended = suspension::find(tx, user.id, entry.tenant).await?;
            return Ok(Err(suspended.unwrap_or(refusal)));
        }
    };
    let Some(holdings) = tx.holdings_find(user.id, membership.tenant).await? else {
        // The membership ended between the two reads.
        return Ok(Err(membership::none()));
    };
    let available = membership::available(&holdings);
    let is_by_sso = linked == Some(membership.tenant) && entry.authentication_method.as_deref() == Some(SSO);
    // Only a provider that has single sign-on can be asked for it.
    if !is_by_sso
        && entry.provider_session.is_some()
        && let Some(link) = tx.sso_link_find(membership.tenant).await?
        && let Err(denial) = link.check_other_way(&user.email, !holdings.owned.is_empty())
    {
        return Ok(Err(denial.into()));
    }
    let session = Session {
        id: SessionId::generate(now),
        user: user.id,
        tenant: membership.tenant,
        organization: None,
        origin: entry.origin,
        provider_session: entry.provider_session,
        created_at: now,
        last_active: now,
        expires_at: now + REFRESH_LIFE,
        revoked: None,
        factor: entry.factor,
        acting: None,
    };
    let session = match membership::arrive(session, entry.organization, membership, &available) {
        Ok(session) => session,
        Err(denial) => return Ok(Err(denial.into())),
    };
    let session = arrival::record(tx, session, &Nowhere, now).await?;
    let minted = Minted::try_new(TokenKind::Refresh, "", secrets)?;
    let token = RefreshToken::first(&session, minted.hash, now);
    tx.session_insert(&session).await?;
    tx.refresh_token_insert(&token).await?;
    let (id, organization) = (session.id, session.organization);
    if let Some(at_provider) = entry.provider_organization.filter(|_| is_by_sso) {
        tx.sso_sign_in_insert(id, session.tenant, &at_provider, now).await?;
    }
    let signed_in = domain_event::SignedIn {
        user: user.id,
        session: id,
        tenant: session.tenant,
        organization,
        authentication_method: entry.authentication_method,
        factor_method: entry.factor.map(|used| used.method),
    };
    tx.event_publish(signed_in.published(now));
    let tokens = Tokens {
        claims: Claims::new(&user, &session, &available, &holdings, now),
        session,
        refresh_token: minted.text,
        refresh_expires_at: token.expires_at,
    };
    Ok(Ok(SignedIn { user, tokens, memberships }))
}
