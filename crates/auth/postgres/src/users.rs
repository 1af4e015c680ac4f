//! Users, of all tenants.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{dsl::AsSelect, pg::Pg, prelude::*};
use tryzore_auth::{User, UserStatus, Users};
use tryzore_kernel::{Email, OwnerAccountId, StoreResult, UserId};
use tryzore_postgres::{column::corrupt, scopes::Scope};
use tryzore_schema::identity::users;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct UserRow {
    id: UserId,
    email: Option<String>,
    email_verified_at: Option<DateTime<Utc>>,
    name: String,
    phone: Option<String>,
    status: String,
    deactivated_at: Option<DateTime<Utc>>,
    workos_user_id: Option<String>,
    provider_updated_at: Option<DateTime<Utc>>,
    owner_account_id: Option<OwnerAccountId>,
    password_changed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl UserRow {
    fn of(user: &User) -> Self {
        Self {
            id: user.id,
            email: Some(user.email.to_string()),
            email_verified_at: user.email_verified_at,
            name: user.name.clone(),
            phone: user.phone.as_ref().map(ToString::to_string),
            status: user.status.as_str().to_owned(),
            deactivated_at: match user.status {
                UserStatus::Deactivated { at } => Some(at),
                _ => None,
            },
            workos_user_id: user.workos_user_id.clone(),
            provider_updated_at: user.provider_updated_at,
            owner_account_id: user.owner_account,
            password_changed_at: user.password_changed_at,
            created_at: user.created_at,
        }
    }

    fn user(self) -> StoreResult<User> {
        let email = self.email.ok_or_else(|| corrupt("users.email"))?;
        Ok(User {
            id: self.id,
            email: email.parse().map_err(|_| corrupt("users.email"))?,
            email_verified_at: self.email_verified_at,
            name: self.name,
            // A phone number from an import may be invalid; it is left out, because it identifies nobody.
            phone: self.phone.and_then(|phone| phone.parse().ok()),
            status: match (self.status.as_str(), self.deactivated_at) {
                ("pending_claim", None) => UserStatus::PendingClaim,
                ("invited", None) => UserStatus::Invited,
                ("active", None) => UserStatus::Active,
                ("deactivated", Some(at)) => UserStatus::Deactivated { at },
                _ => return Err(corrupt("users.status")),
            },
            workos_user_id: self.workos_user_id,
            provider_updated_at: self.provider_updated_at,
            owner_account: self.owner_account_id,
            password_changed_at: self.password_changed_at,
            created_at: self.created_at,
        })
    }
}

// A user without an address was created from a phone number alone. Nobody can sign in as that user, so
// these statements do not find them.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_address() -> _ {
    let columns: AsSelect<UserRow, Pg> = UserRow::as_select();
    users::table.filter(users::email.is_not_null()).select(columns)
}

fn one(row: Option<UserRow>) -> StoreResult<Option<User>> {
    row.map(UserRow::user).transpose()
}

impl<S: Scope> Users for AuthStore<'_, S> {
    async fn user_find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        one(self.tx.row(with_address().filter(users::id.eq(id))).await?)
    }

    async fn user_lock(&mut self, id: UserId) -> StoreResult<Option<User>> {
        one(self.tx.row(with_address().filter(users::id.eq(id)).for_no_key_update()).await?)
    }

    async fn user_find_by_email(&mut self, email: &Email) -> StoreResult<Option<User>> {
        one(self.tx.row(with_address().filter(users::email.eq(email.to_string()))).await?)
    }

    async fn user_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<User>> {
        let query = with_address().filter(users::email.eq(email.to_string())).for_no_key_update();
        one(self.tx.row(query).await?)
    }

    async fn user_lock_by_subject(&mut self, subject: &str) -> StoreResult<Option<User>> {
        let query = with_address().filter(users::workos_user_id.eq(subject.to_owned())).for_no_key_update();
        one(self.tx.row(query).await?)
    }

    async fn user_insert(&mut self, user: &User) -> StoreResult<bool> {
        let row = (UserRow::of(user), users::updated_at.eq(self.now));
        let insert = diesel::insert_into(users::table).values(row);
        Ok(self.tx.execute(insert.on_conflict(users::email).do_nothing()).await? == 1)
    }

    async fn user_update(&mut self, user: &User) -> StoreResult<()> {
        let row = (UserRow::of(user), users::updated_at.eq(self.now));
        self.tx.defer(diesel::update(users::table.filter(users::id.eq(user.id))).set(row));
        Ok(())
    }
}
