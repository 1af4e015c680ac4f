//! Recovery codes of users, by the hash of their text.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{RecoveryCodes, TokenHash};
use tryzore_kernel::{StoreResult, UserId};
use tryzore_postgres::scopes::Scope;
use tryzore_schema::identity::recovery_codes;

impl<S: Scope> RecoveryCodes for AuthStore<'_, S> {
    async fn recovery_codes_replace(
        &mut self,
        user: UserId,
        codes: &[TokenHash],
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.tx.defer(diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))));
        for code in codes {
            self.tx.defer(diesel::insert_into(recovery_codes::table).values((
                recovery_codes::user_id.eq(user),
                recovery_codes::hash.eq(code.as_bytes().to_vec()),
                recovery_codes::created_at.eq(now),
            )));
        }
        Ok(())
    }

    async fn recovery_code_use(
        &mut self,
        user: UserId,
        code: &TokenHash,
        now: DateTime<Utc>,
    ) -> StoreResult<bool> {
        let one = recovery_codes::table
            .find((user, code.as_bytes().to_vec()))
            .filter(recovery_codes::used_at.is_null());
        Ok(self.tx.execute(diesel::update(one).set(recovery_codes::used_at.eq(now))).await? == 1)
    }

    async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<i64> {
        let left = recovery_codes::table
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::used_at.is_null())
            .count();
        Ok(self.tx.row::<_, i64>(left).await?.unwrap_or_default())
    }
}
