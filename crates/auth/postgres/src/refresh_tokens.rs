//! Refresh tokens. Locking the row of the session locks its family of tokens.

use super::{hash, sessions::SessionRow};
use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::Binary};
use tryzore_auth::{RefreshState, RefreshToken, RefreshTokens, Session, TokenHash};
use tryzore_kernel::{SessionId, StoreResult};
use tryzore_postgres::{column::corrupt, scopes::Scope, statement};
use tryzore_schema::identity::{refresh_tokens, sessions};

statement! {
    /// Takes the lock first, in a statement of its own, so that the statements after it in the round trip
    /// read under the lock.
    struct LockFamily { hash: Vec<u8> => Binary }
    "SELECT s.id FROM identity.sessions s
     WHERE s.id = (SELECT t.session_id FROM identity.refresh_tokens t WHERE t.hash = $1)
     FOR NO KEY UPDATE"
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = refresh_tokens, primary_key(hash), check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct RefreshTokenRow {
    hash: Vec<u8>,
    session_id: SessionId,
    generation: i32,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    rotated_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl RefreshTokenRow {
    fn of(token: &RefreshToken) -> Self {
        let (rotated_at, revoked_at) = match token.state {
            RefreshState::Live => (None, None),
            RefreshState::Rotated { at } => (Some(at), None),
            RefreshState::Revoked { at } => (None, Some(at)),
        };
        Self {
            hash: token.hash.as_bytes().to_vec(),
            session_id: token.session,
            generation: i32::try_from(token.generation).unwrap_or(i32::MAX),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            rotated_at,
            revoked_at,
        }
    }

    fn token(self) -> StoreResult<RefreshToken> {
        Ok(RefreshToken {
            hash: hash(&self.hash, "refresh_tokens.hash")?,
            session: self.session_id,
            generation: u32::try_from(self.generation).map_err(|_| corrupt("refresh_tokens.generation"))?,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            state: match (self.rotated_at, self.revoked_at) {
                (None, None) => RefreshState::Live,
                (Some(at), None) => RefreshState::Rotated { at },
                (None, Some(at)) => RefreshState::Revoked { at },
                (Some(_), Some(_)) => return Err(corrupt("refresh_tokens.rotated_at")),
            },
        })
    }
}

impl<S: Scope> RefreshTokens for AuthStore<'_, S> {
    async fn refresh_family_lock(
        &mut self,
        hash: &TokenHash,
    ) -> StoreResult<Option<(Session, RefreshToken)>> {
        let hash = hash.as_bytes().to_vec();
        self.tx.defer(LockFamily { hash: hash.clone() });
        let query = refresh_tokens::table
            .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
            .filter(refresh_tokens::hash.eq(hash))
            .select((SessionRow::as_select(), RefreshTokenRow::as_select()));
        let row: Option<(SessionRow, RefreshTokenRow)> = self.tx.row(query).await?;
        row.map(|(session, token)| Ok((session.session()?, token.token()?))).transpose()
    }

    async fn refresh_token_insert(&mut self, token: &RefreshToken) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(refresh_tokens::table).values(RefreshTokenRow::of(token)));
        Ok(())
    }

    async fn refresh_token_update(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let row = RefreshTokenRow::of(token);
        self.tx.defer(diesel::update(refresh_tokens::table.find(row.hash.clone())).set(row));
        Ok(())
    }

    async fn refresh_family_live(&mut self, session: SessionId) -> StoreResult<Option<RefreshToken>> {
        let live = refresh_tokens::table
            .filter(refresh_tokens::session_id.eq(session))
            .filter(refresh_tokens::rotated_at.is_null())
            .filter(refresh_tokens::revoked_at.is_null())
            .select(RefreshTokenRow::as_select());
        let row: Option<RefreshTokenRow> = self.tx.row(live).await?;
        row.map(RefreshTokenRow::token).transpose()
    }

    async fn refresh_family_revoke(&mut self, sessions: &[SessionId], at: DateTime<Utc>) -> StoreResult<()> {
        let live = refresh_tokens::table
            .filter(refresh_tokens::session_id.eq_any(sessions.to_vec()))
            .filter(refresh_tokens::rotated_at.is_null())
            .filter(refresh_tokens::revoked_at.is_null());
        self.tx.defer(diesel::update(live).set(refresh_tokens::revoked_at.eq(at)));
        Ok(())
    }
}
