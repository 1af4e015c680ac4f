//! The last step of every sign-in: the session of a user who has proven who they are.

use crate::{
    Claims, FactorUse, Memberships, Origin, RefreshToken, RefreshTokens, Secrets, Session, Sessions, Settled,
    User, domain_event,
    login::{SignedIn, Tokens},
    membership,
    refresh_token::REFRESH_LIFE,
    secret::{Minted, TokenKind},
    suspension,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Journal, OrganizationId, SessionId, TenantId};
use tryzore_rbac::DomainEvent;

/// What a user who has proven who they are brings to their new session.
pub(crate) struct Entry {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) origin: Origin,
    pub(crate) provider_session: Option<String>,
    pub(crate) authentication_method: Option<String>,
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
    T: Sessions + RefreshTokens + Memberships + Journal,
{
    let memberships = tx.membership_list(user.id).await?;
    let membership = match membership::choose(&memberships, entry.tenant) {
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
    let minted = Minted::try_new(TokenKind::Refresh, "", secrets)?;
    let token = RefreshToken::first(&session, minted.hash, now);
    tx.session_insert(&session).await?;
    tx.refresh_token_insert(&token).await?;
    let (id, organization) = (session.id, session.organization);
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
