//! Second factors of users, with their sealed secrets.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{Factor, Factors, SealedSecret};
use tryzore_kernel::{FactorId, StoreResult, UserId};
use tryzore_postgres::{column::from_text, scopes::Scope};
use tryzore_schema::identity::factors;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = factors, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct FactorRow {
    id: FactorId,
    user_id: UserId,
    kind: String,
    name: String,
    sealed: Vec<u8>,
    sealed_with: String,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    last_step: Option<i64>,
}

impl FactorRow {
    fn of(factor: &Factor) -> Self {
        Self {
            id: factor.id,
            user_id: factor.user,
            kind: factor.kind.as_str().to_owned(),
            name: factor.name.clone(),
            sealed: factor.secret.bytes.clone(),
            sealed_with: factor.secret.with.clone(),
            created_at: factor.created_at,
            confirmed_at: factor.confirmed_at,
            last_used_at: factor.last_used_at,
            last_step: factor.last_step,
        }
    }

    fn factor(self) -> StoreResult<Factor> {
        Ok(Factor {
            id: self.id,
            user: self.user_id,
            kind: from_text(&self.kind)?,
            name: self.name,
            secret: SealedSecret { with: self.sealed_with, bytes: self.sealed },
            created_at: self.created_at,
            confirmed_at: self.confirmed_at,
            last_used_at: self.last_used_at,
            last_step: self.last_step,
        })
    }
}

impl<S: Scope> Factors for AuthStore<'_, S> {
    async fn factor_list(&mut self, user: UserId) -> StoreResult<Vec<Factor>> {
        let query = factors::table
            .filter(factors::user_id.eq(user))
            .order((factors::created_at, factors::id))
            .select(FactorRow::as_select());
        self.tx.rows(query).await?.into_iter().map(FactorRow::factor).collect()
    }

    async fn factor_insert(&mut self, factor: &Factor) -> StoreResult<()> {
        let unconfirmed =
            factors::table.filter(factors::user_id.eq(factor.user)).filter(factors::confirmed_at.is_null());
        self.tx.defer(diesel::delete(unconfirmed));
        self.tx.defer(diesel::insert_into(factors::table).values(FactorRow::of(factor)));
        Ok(())
    }

    async fn factor_update(&mut self, factor: &Factor) -> StoreResult<()> {
        self.tx.defer(diesel::update(factors::table.find(factor.id)).set(FactorRow::of(factor)));
        Ok(())
    }

    async fn factor_delete(&mut self, id: FactorId) -> StoreResult<()> {
        self.tx.defer(diesel::delete(factors::table.find(id)));
        Ok(())
    }
}
