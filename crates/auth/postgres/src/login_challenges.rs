//! Sign-ins that lack the second factor, by the hash of their challenge.

use super::hash;
use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{Device, LoginChallenge, LoginChallenges, Origin, TokenHash};
use tryzore_kernel::{OrganizationId, StoreResult, TenantId, UserId};
use tryzore_postgres::{column::corrupt, scopes::Scope};
use tryzore_schema::identity::login_challenges;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = login_challenges, primary_key(hash), check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct LoginChallengeRow {
    hash: Vec<u8>,
    user_id: UserId,
    tenant_id: Option<TenantId>,
    organization_id: Option<OrganizationId>,
    ip_address: Option<String>,
    device_id: Option<String>,
    device_name: Option<String>,
    user_agent: Option<String>,
    provider_session: Option<String>,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    guesses: i32,
    answered_at: Option<DateTime<Utc>>,
}

impl LoginChallengeRow {
    fn of(challenge: &LoginChallenge) -> Self {
        let device = &challenge.origin.device;
        Self {
            hash: challenge.hash.as_bytes().to_vec(),
            user_id: challenge.user,
            tenant_id: challenge.tenant,
            organization_id: challenge.organization,
            ip_address: challenge.origin.ip.map(|ip| ip.to_string()),
            device_id: device.id.clone(),
            device_name: device.name.clone(),
            user_agent: device.user_agent.clone(),
            provider_session: challenge.provider_session.clone(),
            issued_at: challenge.issued_at,
            expires_at: challenge.expires_at,
            guesses: i32::try_from(challenge.guesses).unwrap_or(i32::MAX),
            answered_at: challenge.answered_at,
        }
    }

    fn challenge(self) -> StoreResult<LoginChallenge> {
        let device = Device { id: self.device_id, name: self.device_name, user_agent: self.user_agent };
        Ok(LoginChallenge {
            hash: hash(&self.hash, "login_challenges.hash")?,
            user: self.user_id,
            origin: Origin { ip: self.ip_address.and_then(|ip| ip.parse().ok()), device },
            tenant: self.tenant_id,
            organization: self.organization_id,
            provider_session: self.provider_session,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            guesses: u32::try_from(self.guesses).map_err(|_| corrupt("login_challenges.guesses"))?,
            answered_at: self.answered_at,
        })
    }
}

impl<S: Scope> LoginChallenges for AuthStore<'_, S> {
    async fn challenge_insert(&mut self, challenge: &LoginChallenge) -> StoreResult<()> {
        let row = LoginChallengeRow::of(challenge);
        self.tx.defer(diesel::insert_into(login_challenges::table).values(row));
        Ok(())
    }

    async fn challenge_find(&mut self, hash: &TokenHash) -> StoreResult<Option<LoginChallenge>> {
        let query =
            login_challenges::table.find(hash.as_bytes().to_vec()).select(LoginChallengeRow::as_select());
        self.tx.row(query).await?.map(LoginChallengeRow::challenge).transpose()
    }

    async fn challenge_update(&mut self, challenge: &LoginChallenge) -> StoreResult<()> {
        let one = login_challenges::table.find(challenge.hash.as_bytes().to_vec());
        self.tx.defer(diesel::update(one).set(LoginChallengeRow::of(challenge)));
        Ok(())
    }
}
