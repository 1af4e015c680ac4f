//! The people who get letters about an override, with the facts for the letters.

use crate::SupportStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid},
};
use tryzore_kernel::{Email, OverrideId, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;
use tryzore_support::letter::OverrideFacts;

/// Somebody who gets a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The address.
    pub email: Email,
    /// The facts, with the name of the reader.
    pub facts: OverrideFacts,
}

statement! {
    struct ReadFacts { tenant: TenantId => Uuid, id: OverrideId => Uuid }
    "SELECT m.kind, m.reason, m.executed_at, m.confirm_by, o.name AS organization, o.time_zone,
            coalesce(e.name, u.name) AS by_name
     FROM support.manual_overrides m
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = m.organization_id
     LEFT JOIN tenancy.employees e ON e.tenant_id = $1 AND e.user_id = m.proposed_by
     LEFT JOIN identity.users u ON u.id = m.proposed_by
     WHERE m.tenant_id = $1 AND m.id = $2"
}

statement! {
    /// The address that the tenant uses for an employee, else that of the user.
    struct ReadReaders { tenant: TenantId => Uuid, users: Vec<UserId> => Array<Uuid> }
    "SELECT coalesce(e.name, u.name) AS name, coalesce(e.email, u.email) AS email
     FROM unnest($2) AS w (user_id)
     LEFT JOIN tenancy.employees e ON e.tenant_id = $1 AND e.user_id = w.user_id
     LEFT JOIN identity.users u ON u.id = w.user_id"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct FactsRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    executed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirm_by: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    organization: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Text>)]
    by_name: Option<String>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ReaderRow {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
}

impl SupportStore<'_> {
    /// Those of `users` who have an address, with the facts for a letter about the override `id`, which was executed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn readers(&mut self, id: OverrideId, users: Vec<UserId>) -> StoreResult<Vec<Reader>> {
        let tenant = self.tenant;
        let found: Option<FactsRow> = self.tx.row(ReadFacts { tenant, id }).await?;
        let Some(row) = found else { return Ok(Vec::new()) };
        let Some((at, confirm_by)) = row.executed_at.zip(row.confirm_by) else { return Ok(Vec::new()) };
        let zone = row.time_zone.parse().map_err(|_| StoreError::Broken("organizations.time_zone".into()))?;
        let facts = OverrideFacts {
            name: String::new(),
            organization: row.organization,
            kind: row.kind,
            by: row.by_name.unwrap_or_else(|| "?".into()),
            reason: row.reason,
            at,
            confirm_by,
            zone,
        };
        let rows: Vec<ReaderRow> = self.tx.rows(ReadReaders { tenant, users }).await?;
        // A stored address may be invalid, for example after an import. Such a person gets no mail.
        let readers = rows.into_iter().filter_map(|row| {
            let facts = OverrideFacts { name: row.name.unwrap_or_default(), ..facts.clone() };
            Some(Reader { email: row.email?.parse().ok()?, facts })
        });
        Ok(readers.collect())
    }
}
