//! Tokens of mailed links, by the hash of their text.

use super::hash;
use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as NotOurs},
};
use tryzore_auth::{OneTimeToken, OneTimeTokens, Purpose, TokenHash};
use tryzore_kernel::{StoreResult, UserId};
use tryzore_postgres::{column::corrupt, scopes::Scope};
use tryzore_schema::identity::one_time_tokens;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_tokens, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct OneTimeTokenRow {
    hash: Vec<u8>,
    user_id: UserId,
    email: String,
    purpose: String,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    spent_at: Option<DateTime<Utc>>,
}

impl OneTimeTokenRow {
    fn token(self) -> StoreResult<OneTimeToken> {
        Ok(OneTimeToken {
            hash: hash(&self.hash, "one_time_tokens.hash")?,
            user: self.user_id,
            email: self.email.parse().map_err(|_| corrupt("one_time_tokens.email"))?,
            purpose: Purpose::deserialize(self.purpose.as_str().into_deserializer())
                .map_err(|_: NotOurs| corrupt("one_time_tokens.purpose"))?,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            spent_at: self.spent_at,
        })
    }
}

fn one(row: Option<OneTimeTokenRow>) -> StoreResult<Option<OneTimeToken>> {
    row.map(OneTimeTokenRow::token).transpose()
}

impl<S: Scope> OneTimeTokens for AuthStore<'_, S> {
    async fn one_time_token_insert(&mut self, token: &OneTimeToken) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(one_time_tokens::table).values(OneTimeTokenRow {
            hash: token.hash.as_bytes().to_vec(),
            user_id: token.user,
            email: token.email.to_string(),
            purpose: token.purpose.as_str().to_owned(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            spent_at: token.spent_at,
        }));
        Ok(())
    }

    async fn one_time_token_find(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>> {
        let query =
            one_time_tokens::table.find(hash.as_bytes().to_vec()).select(OneTimeTokenRow::as_select());
        one(self.tx.row(query).await?)
    }

    async fn one_time_token_lock(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>> {
        let query = one_time_tokens::table
            .find(hash.as_bytes().to_vec())
            .select(OneTimeTokenRow::as_select())
            .for_no_key_update();
        one(self.tx.row(query).await?)
    }

    async fn one_time_token_spend_all(
        &mut self,
        user: UserId,
        purpose: Option<Purpose>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let all = [Purpose::PasswordReset, Purpose::EmailVerification, Purpose::Invitation];
        let purposes: Vec<_> = purpose.map_or(all.to_vec(), |one| vec![one]);
        let unspent = one_time_tokens::table
            .filter(one_time_tokens::user_id.eq(user))
            .filter(one_time_tokens::spent_at.is_null())
            .filter(one_time_tokens::purpose.eq_any(purposes.into_iter().map(Purpose::as_str)));
        self.tx.defer(diesel::update(unspent).set(one_time_tokens::spent_at.eq(now)));
        Ok(())
    }
}
