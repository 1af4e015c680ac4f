//! Sessions: found by their id, listed by their user, revoked in their row.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Timestamptz, Uuid},
};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as NotOurs},
};
use tryzore_auth::{
    Acting, Device, FactorUse, Origin, Revocation, RevocationReason, Session, Sessions, Shows,
};
use tryzore_kernel::{OrganizationId, SessionId, StoreResult, SupportGrantId, TenantId, UserId};
use tryzore_postgres::{
    column::{corrupt, from_text, parsed},
    scopes::Scope,
    statement,
};
use tryzore_schema::identity::sessions;

statement! {
    /// Skips a locked row: the transaction with the lock writes `last_active` as well, or ends the session.
    struct Touch { id: SessionId => Uuid, now: DateTime<Utc> => Timestamptz }
    "UPDATE identity.sessions SET last_active = $2
     WHERE id = (SELECT s.id FROM identity.sessions s
                 WHERE s.id = $1 AND s.last_active < $2 FOR NO KEY UPDATE SKIP LOCKED)"
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct SessionRow {
    id: SessionId,
    user_id: UserId,
    tenant_id: TenantId,
    organization_id: Option<OrganizationId>,
    ip_address: Option<String>,
    device_id: Option<String>,
    device_name: Option<String>,
    user_agent: Option<String>,
    provider_session: Option<String>,
    created_at: DateTime<Utc>,
    last_active: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_because: Option<String>,
    factor_at: Option<DateTime<Utc>>,
    factor_method: Option<String>,
    acting_subject_id: Option<UserId>,
    acting_grant_id: Option<SupportGrantId>,
    acting_patterns: Option<Vec<String>>,
    acting_organization_ids: Option<Vec<OrganizationId>>,
    acting_reason: Option<String>,
}

impl SessionRow {
    fn of(session: &Session) -> Self {
        let device = &session.origin.device;
        let acting = session.acting.as_ref();
        let approval = acting.and_then(|acting| match &acting.shows {
            Shows::Person(_) => None,
            Shows::Tenant { grant, patterns } => Some((*grant, patterns)),
        });
        Self {
            id: session.id,
            user_id: session.user,
            tenant_id: session.tenant,
            organization_id: session.organization,
            ip_address: session.origin.ip.map(|ip| ip.to_string()),
            device_id: device.id.clone(),
            device_name: device.name.clone(),
            user_agent: device.user_agent.clone(),
            provider_session: session.provider_session.clone(),
            created_at: session.created_at,
            last_active: session.last_active,
            expires_at: session.expires_at,
            revoked_at: session.revoked.map(|revocation| revocation.at),
            revoked_because: session.revoked.map(|revocation| revocation.reason.as_str().to_owned()),
            factor_at: session.factor.map(|used| used.at),
            factor_method: session.factor.map(|used| used.method.as_str().to_owned()),
            acting_subject_id: acting.and_then(Acting::subject),
            acting_grant_id: approval.map(|(grant, _)| grant),
            acting_patterns: approval.map(|(_, all)| all.iter().map(ToString::to_string).collect()),
            acting_organization_ids: acting.and_then(|acting| acting.organizations.clone()),
            acting_reason: acting.map(|acting| acting.reason.clone()),
        }
    }

    pub(super) fn session(self) -> StoreResult<Session> {
        let shows = match (self.acting_subject_id, self.acting_grant_id, &self.acting_patterns) {
            (None, None, None) => None,
            (Some(subject), None, None) => Some(Shows::Person(subject)),
            (None, Some(grant), Some(texts)) => {
                let read = |text: &String| parsed("sessions.acting_patterns", text);
                let patterns = texts.iter().map(read).collect::<StoreResult<_>>()?;
                Some(Shows::Tenant { grant, patterns })
            }
            _ => return Err(corrupt("sessions.acting_subject_id")),
        };
        let acting = match (shows, self.acting_reason) {
            (None, None) => None,
            (Some(shows), Some(reason)) => {
                Some(Acting { shows, organizations: self.acting_organization_ids, reason })
            }
            _ => return Err(corrupt("sessions.acting_reason")),
        };
        let device = Device { id: self.device_id, name: self.device_name, user_agent: self.user_agent };
        Ok(Session {
            acting,
            id: self.id,
            user: self.user_id,
            tenant: self.tenant_id,
            organization: self.organization_id,
            origin: Origin { ip: self.ip_address.and_then(|ip| ip.parse().ok()), device },
            provider_session: self.provider_session,
            created_at: self.created_at,
            last_active: self.last_active,
            expires_at: self.expires_at,
            revoked: match (self.revoked_at, self.revoked_because) {
                (None, None) => None,
                (Some(at), Some(word)) => Some(Revocation { at, reason: reason(&word)? }),
                _ => return Err(corrupt("sessions.revoked_because")),
            },
            factor: match (self.factor_at, self.factor_method) {
                (None, None) => None,
                (Some(at), Some(word)) => Some(FactorUse { at, method: from_text(&word)? }),
                _ => return Err(corrupt("sessions.factor_method")),
            },
        })
    }
}

fn reason(word: &str) -> StoreResult<RevocationReason> {
    RevocationReason::deserialize(word.into_deserializer())
        .map_err(|_: NotOurs| corrupt("sessions.revoked_because"))
}

fn one(row: Option<SessionRow>) -> StoreResult<Option<Session>> {
    row.map(SessionRow::session).transpose()
}

fn all(rows: Vec<SessionRow>) -> StoreResult<Vec<Session>> {
    rows.into_iter().map(SessionRow::session).collect()
}

impl<S: Scope> Sessions for AuthStore<'_, S> {
    async fn session_insert(&mut self, session: &Session) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(sessions::table).values(SessionRow::of(session)));
        Ok(())
    }

    async fn session_find(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
        one(self.tx.row(sessions::table.find(id).select(SessionRow::as_select())).await?)
    }

    async fn session_lock(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
        let query = sessions::table.find(id).select(SessionRow::as_select()).for_no_key_update();
        one(self.tx.row(query).await?)
    }

    async fn session_lock_by_provider(&mut self, provider_session: &str) -> StoreResult<Option<Session>> {
        let query = sessions::table
            .filter(sessions::provider_session.eq(provider_session.to_owned()))
            .order((sessions::revoked_at.is_not_null(), sessions::expires_at.desc()))
            .limit(1)
            .select(SessionRow::as_select())
            .for_no_key_update();
        one(self.tx.row(query).await?)
    }

    async fn session_update(&mut self, session: &Session) -> StoreResult<()> {
        self.tx.defer(diesel::update(sessions::table.find(session.id)).set(SessionRow::of(session)));
        Ok(())
    }

    async fn session_touch(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()> {
        self.tx.defer(Touch { id, now });
        Ok(())
    }

    async fn session_list(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>> {
        let query = sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::expires_at.gt(now))
            .order((sessions::last_active.desc(), sessions::id.desc()))
            .select(SessionRow::as_select());
        all(self.tx.rows(query).await?)
    }

    async fn session_revoke_acting(
        &mut self,
        user: UserId,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        let live = sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::acting_reason.is_not_null());
        let ended = diesel::update(live)
            .set((
                sessions::revoked_at.eq(revocation.at),
                sessions::revoked_because.eq(revocation.reason.as_str()),
            ))
            .returning(SessionRow::as_returning());
        all(self.tx.rows(ended).await?)
    }

    async fn session_revoke_all(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        // No session has an id of zeros.
        let keep = keep.unwrap_or_else(|| uuid::Uuid::nil().into());
        let live = sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::id.ne(keep));
        let ended = diesel::update(live)
            .set((
                sessions::revoked_at.eq(revocation.at),
                sessions::revoked_because.eq(revocation.reason.as_str()),
            ))
            .returning(SessionRow::as_returning());
        all(self.tx.rows(ended).await?)
    }
}
