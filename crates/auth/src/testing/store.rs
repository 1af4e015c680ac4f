//! The ports, implemented with vectors.

use crate::{
    ApiKey, ApiKeys, Credentials, Factor, FactorPolicy, FactorSubject, FoundApiKey, LoginAttempts,
    LoginChallenge, Membership, Memberships, OneTimeToken, OneTimeTokens, PasswordHash, Purpose,
    RefreshState, RefreshToken, RefreshTokens, Revocation, Session, Sessions, Shows, SupportApprovals,
    SupportGrants, SupportTrail, Suspension, Throttle, ThrottleKey, TokenHash, User, UserStatus, Users,
    acting::KnownPerson, support_access::SupportGrant,
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tryzore_kernel::{
    ApiKeyId, AuditEntry, Decision, Email, Journal, OrganizationId, Published, RoleId, SessionId, StoreError,
    StoreResult, SupportGrantId, TenantId, UserId,
};
use tryzore_rbac::{Holdings, OrganizationNode};

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) users: Vec<User>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) tokens: Vec<RefreshToken>,
    pub(crate) credentials: HashMap<UserId, PasswordHash>,
    pub(crate) links: Vec<OneTimeToken>,
    pub(crate) throttles: HashMap<ThrottleKey, Throttle>,
    pub(crate) memberships: Vec<(UserId, Membership, Holdings)>,
    pub(crate) suspensions: Vec<Suspension>,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) factors: Vec<Factor>,
    pub(crate) recovery_codes: Vec<(UserId, TokenHash, bool)>,
    pub(crate) challenges: Vec<LoginChallenge>,
    pub(crate) policy: Option<(FactorPolicy, FactorSubject)>,
    pub(crate) roles: Vec<RoleId>,
    pub(crate) locations: Vec<OrganizationId>,
    pub(crate) operators: Vec<UserId>,
    pub(crate) grants: Vec<SupportGrant>,
    pub(crate) events: Vec<Published>,
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) decisions: Vec<Decision>,
}

impl Memory {
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.events.iter().map(|event| &*event.kind).collect()
    }

    pub(crate) fn live_tokens(&self, family: SessionId) -> usize {
        self.tokens.iter().filter(|t| t.session == family && t.state == RefreshState::Live).count()
    }
}

impl Journal for Memory {
    fn event_publish(&mut self, event: Published) {
        self.events.push(event);
    }
    fn decision_record(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}

impl Users for Memory {
    async fn user_find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        Ok(self.users.iter().find(|user| user.id == id).cloned())
    }
    async fn user_lock(&mut self, id: UserId) -> StoreResult<Option<User>> {
        self.user_find(id).await
    }
    async fn user_find_by_email(&mut self, email: &Email) -> StoreResult<Option<User>> {
        Ok(self.users.iter().find(|user| user.email == *email).cloned())
    }
    async fn user_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<User>> {
        self.user_find_by_email(email).await
    }
    async fn user_lock_by_subject(&mut self, subject: &str) -> StoreResult<Option<User>> {
        Ok(self.users.iter().find(|user| user.workos_user_id.as_deref() == Some(subject)).cloned())
    }
    async fn user_insert(&mut self, user: &User) -> StoreResult<bool> {
        let taken = self.users.iter().any(|other| other.email == user.email);
        if !taken {
            self.users.push(user.clone());
        }
        Ok(!taken)
    }
    async fn user_update(&mut self, user: &User) -> StoreResult<()> {
        let row = self.users.iter_mut().find(|row| row.id == user.id);
        row.map(|row| *row = user.clone()).ok_or_else(missing)
    }
}

impl Sessions for Memory {
    async fn session_insert(&mut self, session: &Session) -> StoreResult<()> {
        self.sessions.push(session.clone());
        Ok(())
    }
    async fn session_find(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
        Ok(self.sessions.iter().find(|session| session.id == id).cloned())
    }
    async fn session_lock(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
        self.session_find(id).await
    }
    async fn session_lock_by_provider(&mut self, provider_session: &str) -> StoreResult<Option<Session>> {
        let is_it = |s: &&Session| s.provider_session.as_deref() == Some(provider_session);
        Ok(self.sessions.iter().find(is_it).cloned())
    }
    async fn session_update(&mut self, session: &Session) -> StoreResult<()> {
        let row = self.sessions.iter_mut().find(|row| row.id == session.id);
        row.map(|row| *row = session.clone()).ok_or_else(missing)
    }
    async fn session_touch(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()> {
        let row = self.sessions.iter_mut().find(|row| row.id == id);
        row.map(|row| row.last_active = now).ok_or_else(missing)
    }
    async fn session_list(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>> {
        let live = |s: &&Session| s.user == user && s.check_live(now).is_ok();
        let mut found: Vec<_> = self.sessions.iter().filter(live).cloned().collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.last_active));
        Ok(found)
    }
    async fn session_revoke_acting(
        &mut self,
        user: UserId,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        let live = |row: &&mut Session| row.user == user && row.acting.is_some() && row.revoked.is_none();
        let ended = self.sessions.iter_mut().filter(live).map(|row| {
            row.revoked = Some(revocation);
            row.clone()
        });
        Ok(ended.collect())
    }
    async fn session_revoke_all(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        let mut ended = Vec::new();
        for row in &mut self.sessions {
            if row.user == user && Some(row.id) != keep && row.revoked.is_none() {
                row.revoked = Some(revocation);
                ended.push(row.clone());
            }
        }
        Ok(ended)
    }
}

impl RefreshTokens for Memory {
    async fn refresh_family_lock(
        &mut self,
        hash: &TokenHash,
    ) -> StoreResult<Option<(Session, RefreshToken)>> {
        let Some(token) = self.tokens.iter().find(|token| token.hash == *hash).cloned() else {
            return Ok(None);
        };
        Ok(self.session_find(token.session).await?.map(|session| (session, token)))
    }
    async fn refresh_token_insert(&mut self, token: &RefreshToken) -> StoreResult<()> {
        if token.state == RefreshState::Live && self.live_tokens(token.session) > 0 {
            return Err(StoreError::Conflict("refresh_tokens_one_live".into()));
        }
        self.tokens.push(token.clone());
        Ok(())
    }
    async fn refresh_token_update(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let row = self.tokens.iter_mut().find(|row| row.hash == token.hash);
        row.map(|row| *row = token.clone()).ok_or_else(missing)
    }
    async fn refresh_family_live(&mut self, session: SessionId) -> StoreResult<Option<RefreshToken>> {
        let live = |token: &&RefreshToken| token.session == session && token.state == RefreshState::Live;
        Ok(self.tokens.iter().find(live).cloned())
    }
    async fn refresh_family_revoke(&mut self, sessions: &[SessionId], at: DateTime<Utc>) -> StoreResult<()> {
        for row in &mut self.tokens {
            if sessions.contains(&row.session) && row.state == RefreshState::Live {
                row.state = RefreshState::Revoked { at };
            }
        }
        Ok(())
    }
}

impl Credentials for Memory {
    async fn credential_find(&mut self, email: &Email) -> StoreResult<Option<PasswordHash>> {
        let user = self.users.iter().find(|user| user.email == *email);
        Ok(user.and_then(|user| self.credentials.get(&user.id)).cloned())
    }
    async fn credential_save(
        &mut self,
        user: UserId,
        hash: &PasswordHash,
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.credentials.insert(user, hash.clone());
        Ok(())
    }
}

impl OneTimeTokens for Memory {
    async fn one_time_token_insert(&mut self, token: &OneTimeToken) -> StoreResult<()> {
        self.links.push(token.clone());
        Ok(())
    }
    async fn one_time_token_find(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>> {
        Ok(self.links.iter().find(|token| token.hash == *hash).cloned())
    }
    async fn one_time_token_lock(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>> {
        self.one_time_token_find(hash).await
    }
    async fn one_time_token_spend_all(
        &mut self,
        user: UserId,
        purpose: Option<Purpose>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        for row in &mut self.links {
            if row.user == user && purpose.is_none_or(|purpose| purpose == row.purpose) {
                row.spent_at.get_or_insert(now);
            }
        }
        Ok(())
    }
}

impl LoginAttempts for Memory {
    async fn throttle_lock(&mut self, key: &ThrottleKey) -> StoreResult<Throttle> {
        Ok(self.throttles.get(key).copied().unwrap_or_default())
    }
    async fn throttle_save(&mut self, key: &ThrottleKey, throttle: &Throttle) -> StoreResult<()> {
        self.throttles.insert(*key, *throttle);
        Ok(())
    }
}

impl Memberships for Memory {
    async fn membership_list(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
        let suspended = self.suspension_list(user).await?;
        let open = |m: &Membership| suspended.iter().all(|suspension| suspension.tenant != m.tenant);
        let of = self.memberships.iter().filter(|(of, m, _)| *of == user && open(m));
        Ok(of.map(|(_, m, _)| m.clone()).collect())
    }
    async fn holdings_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<Holdings>> {
        let suspended = self.suspension_list(user).await?;
        let found = self.memberships.iter().find(|(of, m, _)| *of == user && m.tenant == tenant);
        let found = found.filter(|_| suspended.iter().all(|suspension| suspension.tenant != tenant));
        Ok(found.map(|(_, _, holdings)| holdings.clone()))
    }
    async fn locations_find(&mut self, tenant: TenantId) -> StoreResult<Option<Vec<OrganizationNode>>> {
        let found = self.memberships.iter().find(|(_, m, _)| m.tenant == tenant);
        Ok(found.map(|(_, _, holdings)| holdings.tree.clone()))
    }
    async fn person_find(&mut self, user: UserId, _: TenantId) -> StoreResult<Option<KnownPerson>> {
        let known = |user: User| KnownPerson { name: user.name, email: Some(user.email.to_string()) };
        Ok(self.user_find(user).await?.map(known))
    }
    async fn is_supporter(&mut self, user: UserId) -> StoreResult<bool> {
        Ok(self.operators.contains(&user))
    }
    async fn suspension_list(&mut self, user: UserId) -> StoreResult<Vec<Suspension>> {
        let of = self.memberships.iter().filter(|(of, ..)| *of == user);
        let suspended = of.filter_map(|(_, m, held)| {
            let found = self.suspensions.iter().find(|suspension| suspension.tenant == m.tenant)?;
            let because = found.because.clone().filter(|_| !held.owned.is_empty());
            Some(Suspension { because, ..found.clone() })
        });
        Ok(suspended.collect())
    }
}

impl SupportApprovals for Memory {
    async fn support_grant_lock(
        &mut self,
        tenant: TenantId,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>> {
        Ok(self.grants.iter().find(|grant| grant.tenant == tenant && grant.id == id).cloned())
    }
}

impl SupportGrants for Memory {
    async fn support_grant_insert(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        self.grants.push(grant.clone());
        Ok(())
    }
    async fn support_grant_update(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        let row = self.grants.iter_mut().find(|row| row.id == grant.id);
        row.map(|row| *row = grant.clone()).ok_or_else(missing)
    }
    async fn support_sessions_revoke(
        &mut self,
        grant: SupportGrantId,
        revocation: Revocation,
    ) -> StoreResult<Vec<SessionId>> {
        let under = |session: &Session| {
            let shows = session.acting.as_ref().map(|acting| &acting.shows);
            matches!(shows, Some(Shows::Tenant { grant: id, .. }) if *id == grant)
        };
        let mut ended = Vec::new();
        for row in self.sessions.iter_mut().filter(|row| under(row) && row.revoked.is_none()) {
            row.revoked = Some(revocation);
            ended.push(row.id);
        }
        Ok(ended)
    }
}

impl SupportTrail for Memory {
    async fn support_tenant_exists(&mut self, tenant: TenantId) -> StoreResult<bool> {
        Ok(self.memberships.iter().any(|(_, m, _)| m.tenant == tenant))
    }
    async fn support_operator_name(&mut self, operator: UserId) -> StoreResult<Option<String>> {
        Ok(self.user_find(operator).await?.map(|user| user.name))
    }
    async fn support_trail_append(&mut self, _: TenantId, entry: AuditEntry) -> StoreResult<()> {
        self.audit.push(entry);
        Ok(())
    }
}

impl ApiKeys for Memory {
    async fn api_key_insert(&mut self, key: &ApiKey) -> StoreResult<()> {
        self.keys.push(key.clone());
        Ok(())
    }
    async fn api_key_find(&mut self, prefix: &str) -> StoreResult<Option<FoundApiKey>> {
        let found = self.keys.iter().find(|key| key.prefix == prefix).cloned();
        Ok(found.map(|key| {
            let suspended = self.suspensions.iter().find(|suspension| suspension.tenant == key.tenant);
            let suspended = suspended.map(|found| Suspension { because: None, ..found.clone() });
            let closed = |user: &User| matches!(user.status, UserStatus::Deactivated { .. });
            let is_issuer_closed = self.users.iter().any(|user| user.id == key.issued_by && closed(user));
            FoundApiKey { key, suspension: suspended, is_issuer_closed }
        }))
    }
    async fn api_key_lock(&mut self, tenant: TenantId, id: ApiKeyId) -> StoreResult<Option<ApiKey>> {
        Ok(self.keys.iter().find(|key| key.tenant == tenant && key.id == id).cloned())
    }
    async fn api_key_update(&mut self, key: &ApiKey) -> StoreResult<()> {
        let row = self.keys.iter_mut().find(|row| row.id == key.id);
        row.map(|row| *row = key.clone()).ok_or_else(missing)
    }
    async fn api_key_touch(&mut self, id: ApiKeyId, now: DateTime<Utc>) -> StoreResult<()> {
        let row = self.keys.iter_mut().find(|row| row.id == id);
        row.map(|row| row.last_used_at = Some(now)).ok_or_else(missing)
    }
    async fn api_key_list(&mut self, tenant: TenantId) -> StoreResult<Vec<ApiKey>> {
        Ok(self.keys.iter().filter(|key| key.tenant == tenant).cloned().collect())
    }
}

pub(super) fn missing() -> StoreError {
    StoreError::Broken("no such row".into())
}
