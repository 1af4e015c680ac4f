//! Inserts and updates of clients. One client and a batch of a few hundred use the same two statements.
//!
//! Rows are always written in the order of their addresses and locked in the order of their ids, so that
//! two concurrent imports wait for each other but never deadlock.

use super::rows::ClientRow;
use crate::CrmStore;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid},
};
use std::collections::BTreeSet;
use tryzore_crm::{Client, ClientBatches, ClientStatus, Clients};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;
use tryzore_schema::crm::clients::dsl;

/// A statement that takes many clients as arrays, one array per column.
macro_rules! over_clients {
    (struct $name:ident $text:literal) => {
        statement! {
            struct $name {
                tenant: TenantId => Uuid,
                ids: Vec<ClientId> => Array<Uuid>,
                users: Vec<UserId> => Array<Uuid>,
                homes: Vec<OrganizationId> => Array<Uuid>,
                given: Vec<String> => Array<Text>,
                family: Vec<String> => Array<Text>,
                emails: Vec<Option<String>> => Array<Nullable<Text>>,
                phones: Vec<Option<String>> => Array<Nullable<Text>>,
                locales: Vec<Option<String>> => Array<Nullable<Text>>,
                births: Vec<Option<NaiveDate>> => Array<Nullable<Date>>,
                consents: Vec<Option<bool>> => Array<Nullable<Bool>>,
                refs: Vec<Option<String>> => Array<Nullable<Text>>,
                joined: Vec<NaiveDate> => Array<Date>,
                archived: Vec<Option<DateTime<Utc>>> => Array<Nullable<Timestamptz>>,
                versions: Vec<i32> => Array<Integer>,
                now: DateTime<Utc> => Timestamptz,
            }
            $text
        }

        impl $name {
            fn new(tenant: TenantId, clients: &[Client], now: DateTime<Utc>) -> Self {
                Self {
                    tenant,
                    ids: column(clients, |client| client.id),
                    users: column(clients, |client| client.user),
                    homes: column(clients, |client| client.home_organization),
                    given: column(clients, |client| client.name.given.to_string()),
                    family: column(clients, |client| {
                        client.name.family.as_ref().map(ToString::to_string).unwrap_or_default()
                    }),
                    emails: column(clients, |client| client.contact.email().map(ToString::to_string)),
                    phones: column(clients, |client| client.contact.phone().map(ToString::to_string)),
                    locales: column(clients, |client| client.locale.as_ref().map(ToString::to_string)),
                    births: column(clients, |client| client.birth_date),
                    consents: column(clients, |client| client.marketing_consent),
                    refs: column(clients, |client| client.external_ref.clone()),
                    joined: column(clients, |client| client.joined_on),
                    archived: column(clients, |client| match client.status {
                        ClientStatus::Active => None,
                        ClientStatus::Archived { at } => Some(at),
                    }),
                    versions: column(clients, |client| client.version),
                    now,
                }
            }
        }
    };
}

fn column<T>(clients: &[Client], of: impl Fn(&Client) -> T) -> Vec<T> {
    clients.iter().map(of).collect()
}

over_clients! {
    struct InsertClients
    "INSERT INTO crm.clients
         (tenant_id, id, user_id, home_organization_id, given_name, family_name, email, phone, locale,
          birth_date, marketing_consent, external_ref, joined_on, archived_at, status, version,
          created_at, updated_at)
     SELECT $1, n.id, n.user_id, n.home, n.given, n.family, n.email, n.phone, n.locale, n.birth, n.consent,
            n.reference, n.joined, n.archived, CASE WHEN n.archived IS NULL THEN 'active' ELSE 'archived' END,
            n.version, $16, $16
     FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
          AS n (id, user_id, home, given, family, email, phone, locale, birth, consent, reference, joined,
                archived, version)
     ORDER BY n.email, n.id
     ON CONFLICT DO NOTHING
     RETURNING id"
}

over_clients! {
    struct UpdateClients
    "UPDATE crm.clients c
     SET home_organization_id = n.home, given_name = n.given, family_name = n.family, email = n.email,
         phone = n.phone, locale = n.locale, birth_date = n.birth, marketing_consent = n.consent,
         external_ref = n.reference, joined_on = n.joined, archived_at = n.archived,
         status = CASE WHEN n.archived IS NULL THEN 'active' ELSE 'archived' END,
         version = n.version, updated_at = $16
     FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
          AS n (id, user_id, home, given, family, email, phone, locale, birth, consent, reference, joined,
                archived, version)
     WHERE c.tenant_id = $1 AND c.id = n.id AND c.version = n.version - 1"
}

statement! {
    /// Adds the clients as members where signing in looks. A person who belongs to the tenant already, as
    /// an employee, keeps that row.
    struct InsertMembers {
        tenant: TenantId => Uuid,
        users: Vec<UserId> => Array<Uuid>,
        homes: Vec<OrganizationId> => Array<Uuid>,
        now: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
     SELECT n.user_id, $1, n.home, $4 FROM unnest($2, $3) AS n (user_id, home)
     ORDER BY n.user_id
     ON CONFLICT DO NOTHING"
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Uuid)]
    id: ClientId,
}

impl CrmStore<'_> {
    async fn insert(&mut self, clients: &[Client]) -> StoreResult<Vec<ClientId>> {
        let (tenant, now) = (self.tenant, self.now);
        let insert = InsertClients::new(tenant, clients, now);
        let rows: Vec<IdRow> = self.tx.rows(insert).await?;
        let added: BTreeSet<ClientId> = rows.into_iter().map(|row| row.id).collect();
        let members = || clients.iter().filter(|client| added.contains(&client.id));
        if !added.is_empty() {
            let users = members().map(|client| client.user).collect();
            let homes = members().map(|client| client.home_organization).collect();
            self.tx.defer(InsertMembers { tenant, users, homes, now });
        }
        Ok(added.into_iter().collect())
    }

    async fn update(&mut self, clients: &[Client]) -> StoreResult<usize> {
        self.tx.execute(UpdateClients::new(self.tenant, clients, self.now)).await
    }
}

fn one(row: Option<ClientRow>) -> StoreResult<Option<Client>> {
    row.map(ClientRow::client).transpose()
}

fn all(rows: Vec<ClientRow>) -> StoreResult<Vec<Client>> {
    rows.into_iter().map(ClientRow::client).collect()
}

statement! {
    struct HasVisited { tenant: TenantId => Uuid, client: ClientId => Uuid, at: Vec<OrganizationId> => Array<Uuid> }
    "SELECT EXISTS (SELECT FROM events.bookings
                    WHERE tenant_id = $1 AND client_id = $2 AND attended_organization_id = ANY ($3)
                      AND status IN ('booked', 'attended', 'no_show')) AS has"
}

#[derive(QueryableByName)]
struct HasRow {
    #[diesel(sql_type = Bool)]
    has: bool,
}

impl Clients for CrmStore<'_> {
    async fn client_find(&mut self, id: ClientId) -> StoreResult<Option<Client>> {
        let query = ClientRow::query().filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(id));
        one(self.tx.row(query).await?)
    }

    async fn client_visits(&mut self, client: ClientId, at: Vec<OrganizationId>) -> StoreResult<bool> {
        let row: Option<HasRow> = self.tx.row(HasVisited { tenant: self.tenant, client, at }).await?;
        Ok(row.is_some_and(|row| row.has))
    }

    async fn client_lock(&mut self, id: ClientId) -> StoreResult<Option<Client>> {
        let query = ClientRow::query().filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(id));
        // The weaker lock lets a booking of the client continue: its foreign key only needs a key-share
        // lock.
        one(self.tx.row(query.for_no_key_update()).await?)
    }

    async fn client_find_by_email(&mut self, email: &Email) -> StoreResult<Option<Client>> {
        let query = ClientRow::query()
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::email.eq(email.to_string()));
        one(self.tx.row(query).await?)
    }

    async fn client_find_by_user(&mut self, user: UserId) -> StoreResult<Option<Client>> {
        let query = ClientRow::query().filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::user_id.eq(user));
        one(self.tx.row(query).await?)
    }

    async fn clients_by_phone(&mut self, phone: &Phone) -> StoreResult<Vec<Client>> {
        let query = ClientRow::query()
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::phone.eq(phone.to_string()))
            .order(dsl::id)
            .limit(20);
        all(self.tx.rows(query).await?)
    }

    async fn client_insert(&mut self, client: &Client) -> StoreResult<bool> {
        Ok(!self.insert(std::slice::from_ref(client)).await?.is_empty())
    }

    async fn client_update(&mut self, client: &Client) -> StoreResult<bool> {
        Ok(self.update(std::slice::from_ref(client)).await? == 1)
    }
}

impl ClientBatches for CrmStore<'_> {
    async fn clients_by_contact(&mut self, emails: &[Email], phones: &[Phone]) -> StoreResult<Vec<Client>> {
        let emails: Vec<String> = emails.iter().map(ToString::to_string).collect();
        let phones: Vec<String> = phones.iter().map(ToString::to_string).collect();
        let query = ClientRow::query()
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::email.eq_any(emails).or(dsl::phone.eq_any(phones)))
            .order(dsl::id)
            .for_no_key_update();
        all(self.tx.rows(query).await?)
    }

    async fn clients_insert(&mut self, clients: &[Client]) -> StoreResult<Vec<ClientId>> {
        self.insert(clients).await
    }

    async fn clients_update(&mut self, clients: &[Client]) -> StoreResult<()> {
        let kept = self.update(clients).await?;
        if kept == clients.len() {
            Ok(())
        } else {
            Err(StoreError::Broken(format!("{kept} of {} locked clients could be kept", clients.len())))
        }
    }
}
