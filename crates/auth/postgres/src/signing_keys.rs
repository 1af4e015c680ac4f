//! The key pairs that sign access tokens; their private halves are encrypted before they are stored.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{
    SigningKeys,
    ports::{SigningKey, SigningKeyState},
};
use tryzore_kernel::StoreResult;
use tryzore_postgres::{column::corrupt, scopes::Scope, statement};
use tryzore_schema::identity::signing_keys;

statement! {
    /// Locks the table instead of its rows, because the first two keys are created when there are no rows
    /// to lock.
    struct LockTable {}
    "LOCK TABLE identity.signing_keys IN SHARE ROW EXCLUSIVE MODE"
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct SigningKeyRow {
    kid: String,
    public: Vec<u8>,
    sealed: Vec<u8>,
    sealed_with: String,
    state: String,
    state_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl SigningKeyRow {
    fn key(self) -> StoreResult<SigningKey> {
        Ok(SigningKey {
            kid: self.kid,
            public: self.public,
            sealed: self.sealed,
            sealed_with: self.sealed_with,
            state: match (self.state.as_str(), self.state_at) {
                ("next", None) => SigningKeyState::Next,
                ("current", Some(since)) => SigningKeyState::Current { since },
                ("retired", Some(until)) => SigningKeyState::Retired { until },
                _ => return Err(corrupt("signing_keys.state")),
            },
            created_at: self.created_at,
        })
    }
}

const fn columns(state: SigningKeyState) -> (&'static str, Option<DateTime<Utc>>) {
    match state {
        SigningKeyState::Next => ("next", None),
        SigningKeyState::Current { since } => ("current", Some(since)),
        SigningKeyState::Retired { until } => ("retired", Some(until)),
    }
}

impl<S: Scope> SigningKeys for AuthStore<'_, S> {
    async fn signing_key_lock_all(&mut self) -> StoreResult<Vec<SigningKey>> {
        self.tx.defer(LockTable {});
        self.signing_key_list().await
    }

    async fn signing_key_list(&mut self) -> StoreResult<Vec<SigningKey>> {
        let query = signing_keys::table.order(signing_keys::created_at).select(SigningKeyRow::as_select());
        let rows: Vec<SigningKeyRow> = self.tx.rows(query).await?;
        rows.into_iter().map(SigningKeyRow::key).collect()
    }

    async fn signing_key_insert(&mut self, key: &SigningKey) -> StoreResult<()> {
        let (state, state_at) = columns(key.state);
        self.tx.defer(diesel::insert_into(signing_keys::table).values(SigningKeyRow {
            kid: key.kid.clone(),
            public: key.public.clone(),
            sealed: key.sealed.clone(),
            sealed_with: key.sealed_with.clone(),
            state: state.to_owned(),
            state_at,
            created_at: key.created_at,
        }));
        Ok(())
    }

    async fn signing_key_update(&mut self, kid: &str, state: SigningKeyState) -> StoreResult<()> {
        let (state, state_at) = columns(state);
        let to = (signing_keys::state.eq(state), signing_keys::state_at.eq(state_at));
        self.tx.defer(diesel::update(signing_keys::table.find(kid.to_owned())).set(to));
        Ok(())
    }

    async fn signing_key_delete(&mut self, kid: &str) -> StoreResult<()> {
        self.tx.defer(diesel::delete(signing_keys::table.find(kid.to_owned())));
        Ok(())
    }
}
