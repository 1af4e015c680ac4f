//! Links of users to those of the identity provider, changed page by page by the command that changes the
//! provider.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid},
};
use tryzore_auth::link_users::{Account, UserLinks};
use tryzore_kernel::{Email, StoreResult, UserId};
use tryzore_postgres::{column::parsed, scopes::AllTenants, statement};
use tryzore_schema::identity::users;

statement! {
    struct LinkUsers {
        ids: Vec<UserId> => Array<Uuid>, subjects: Vec<String> => Array<Text>, now: DateTime<Utc> => Timestamptz,
    }
    "UPDATE identity.users u SET workos_user_id = l.subject, provider_updated_at = $3, updated_at = $3
     FROM unnest($1, $2) AS l (id, subject)
     WHERE u.id = l.id AND u.workos_user_id IS NULL"
}

statement! {
    struct UnlinkUsers { most: i64 => BigInt, now: DateTime<Utc> => Timestamptz }
    "UPDATE identity.users SET workos_user_id = NULL, provider_updated_at = NULL, updated_at = $2
     WHERE id IN (SELECT id FROM identity.users WHERE workos_user_id IS NOT NULL
                  ORDER BY id LIMIT $1 FOR NO KEY UPDATE)"
}

statement! {
    struct CountLinked {}
    "SELECT count(*) FILTER (WHERE c.user_id IS NOT NULL) AS with_password,
            count(*) FILTER (WHERE c.user_id IS NULL) AS without_password
     FROM identity.users u LEFT JOIN identity.credentials c ON c.user_id = u.id
     WHERE u.workos_user_id IS NOT NULL AND u.status = 'active'"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct LinkedCountRow {
    #[diesel(sql_type = BigInt)]
    with_password: i64,
    #[diesel(sql_type = BigInt)]
    without_password: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct AccountRow {
    id: UserId,
    email: Option<String>,
    email_verified_at: Option<DateTime<Utc>>,
    status: String,
    workos_user_id: Option<String>,
}

impl UserLinks for AuthStore<'_, AllTenants> {
    async fn accounts_find(&mut self, emails: &[Email], subjects: &[String]) -> StoreResult<Vec<Account>> {
        let emails: Vec<String> = emails.iter().map(ToString::to_string).collect();
        let query = users::table
            .filter(users::email.eq_any(emails).or(users::workos_user_id.eq_any(subjects.to_vec())))
            .filter(users::email.is_not_null())
            .select(AccountRow::as_select());
        let rows: Vec<AccountRow> = self.tx.rows(query).await?;
        let account = |row: AccountRow| {
            Ok(Account {
                user: row.id,
                email: parsed("users.email", &row.email.unwrap_or_default())?,
                is_verified: row.email_verified_at.is_some(),
                is_open: row.status != "deactivated",
                subject: row.workos_user_id,
            })
        };
        rows.into_iter().map(account).collect()
    }

    async fn users_link(&mut self, links: &[(UserId, String)]) -> StoreResult<usize> {
        let (ids, subjects) = links.iter().cloned().unzip();
        self.tx.execute(LinkUsers { ids, subjects, now: self.now }).await
    }

    async fn users_unlinked_count(&mut self) -> StoreResult<i64> {
        let open = users::table.filter(users::status.eq("active").and(users::workos_user_id.is_null()));
        Ok(self.tx.row(open.count()).await?.unwrap_or_default())
    }

    async fn users_linked_count(&mut self) -> StoreResult<(i64, i64)> {
        let row: Option<LinkedCountRow> = self.tx.row(CountLinked {}).await?;
        Ok(row.map_or((0, 0), |row| (row.with_password, row.without_password)))
    }

    async fn users_unlink(&mut self, most: i64) -> StoreResult<usize> {
        self.tx.execute(UnlinkUsers { most, now: self.now }).await
    }
}
