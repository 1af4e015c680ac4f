//! Finds users by their address or creates them.
//!
//! Two statements in one round trip. The first adds missing users and waits for transactions that are
//! adding the same address at this moment; the second sees what was committed by then. The caller does not
//! learn whether a user was found or created.

use crate::CrmStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid},
};
use std::collections::HashMap;
use tryzore_crm::{NewUser, Users};
use tryzore_kernel::{StoreError, StoreResult, UserId};
use tryzore_postgres::statement;

statement! {
    struct EnsureUsers {
        ids: Vec<UserId> => Array<Uuid>,
        emails: Vec<Option<String>> => Array<Nullable<Text>>,
        names: Vec<String> => Array<Text>,
        phones: Vec<Option<String>> => Array<Nullable<Text>>,
        now: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO identity.users (id, email, name, phone, status, created_at, updated_at)
     SELECT n.id, n.email, n.name, n.phone, 'pending_claim', $5, $5
     FROM unnest($1, $2, $3, $4) AS n (id, email, name, phone)
     ORDER BY n.email, n.id
     ON CONFLICT (email) DO NOTHING"
}

statement! {
    struct FindUsers { emails: Vec<String> => Array<Text> }
    "SELECT id, email FROM identity.users WHERE email = ANY ($1)"
}

#[derive(QueryableByName)]
struct UserRow {
    #[diesel(sql_type = Uuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    email: String,
}

impl Users for CrmStore<'_> {
    async fn user_ensure(&mut self, user: &NewUser) -> StoreResult<UserId> {
        let users = self.users_ensure(std::slice::from_ref(user)).await?;
        users.into_iter().next().ok_or_else(missing)
    }

    async fn users_ensure(&mut self, users: &[NewUser]) -> StoreResult<Vec<UserId>> {
        let ids: Vec<UserId> = users.iter().map(|_| UserId::generate(self.now)).collect();
        let emails: Vec<_> = users.iter().map(|user| user.contact.email().map(ToString::to_string)).collect();
        self.tx.defer(EnsureUsers {
            ids: ids.clone(),
            emails: emails.clone(),
            names: users.iter().map(|user| user.name.to_string()).collect(),
            phones: users.iter().map(|user| user.contact.phone().map(ToString::to_string)).collect(),
            now: self.now,
        });
        let known: Vec<String> = emails.iter().flatten().cloned().collect();
        let rows: Vec<UserRow> = match known.is_empty() {
            true => Vec::new(),
            false => self.tx.rows(FindUsers { emails: known }).await?,
        };
        let by_email: HashMap<String, UserId> = rows.into_iter().map(|row| (row.email, row.id)).collect();
        let found = ids.into_iter().zip(emails).map(|(new, email)| {
            let user = match email {
                Some(email) => by_email.get(&email).copied().ok_or_else(missing)?,
                None => new,
            };
            if user == new {
                self.journal.user_is_new(user);
            }
            Ok(user)
        });
        found.collect()
    }
}

fn missing() -> StoreError {
    StoreError::Broken("a user that was just made is not there".into())
}
