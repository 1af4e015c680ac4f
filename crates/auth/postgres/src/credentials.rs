//! The password hashes that the product stores itself.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{Credentials, PasswordHash};
use tryzore_kernel::{Email, StoreResult, UserId};
use tryzore_postgres::scopes::Scope;
use tryzore_schema::identity::{credentials, users};

impl<S: Scope> Credentials for AuthStore<'_, S> {
    async fn credential_find(&mut self, email: &Email) -> StoreResult<Option<PasswordHash>> {
        let query = credentials::table
            .inner_join(users::table.on(users::id.eq(credentials::user_id)))
            .filter(users::email.eq(email.to_string()))
            .select(credentials::password_hash);
        Ok(self.tx.row::<_, String>(query).await?.map(PasswordHash::new))
    }

    async fn credential_save(
        &mut self,
        user: UserId,
        hash: &PasswordHash,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let what = (credentials::password_hash.eq(hash.as_str().to_owned()), credentials::updated_at.eq(now));
        let insert = diesel::insert_into(credentials::table)
            .values((credentials::user_id.eq(user), what.clone()))
            .on_conflict(credentials::user_id)
            .do_update()
            .set(what);
        self.tx.defer(insert);
        Ok(())
    }
}
