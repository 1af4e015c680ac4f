//! How clients lie in their table: one row as an entity, and many entities as columns.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use tryzore_crm::{Client, ClientStatus, Contact, PersonName};
use tryzore_kernel::{ClientId, OrganizationId, StoreError, StoreResult, UserId};
use tryzore_schema::crm::clients;

#[derive(HasQuery)]
#[diesel(table_name = clients)]
pub(super) struct ClientRow {
    id: ClientId,
    user_id: UserId,
    home_organization_id: OrganizationId,
    given_name: String,
    family_name: String,
    email: Option<String>,
    phone: Option<String>,
    locale: Option<String>,
    birth_date: Option<NaiveDate>,
    marketing_consent: Option<bool>,
    external_ref: Option<String>,
    joined_on: NaiveDate,
    status: String,
    archived_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    version: i32,
}

impl ClientRow {
    pub(super) fn client(self) -> StoreResult<Client> {
        let email = self.email.map(|text| text.parse().map_err(|_| corrupt("clients.email")));
        let phone = self.phone.map(|text| text.parse().map_err(|_| corrupt("clients.phone")));
        let locale = self.locale.map(|text| text.parse().map_err(|_| corrupt("clients.locale")));
        Ok(Client {
            id: self.id,
            user: self.user_id,
            home_organization: self.home_organization_id,
            name: PersonName::try_new(&self.given_name, Some(&self.family_name))
                .map_err(|_| corrupt("clients.given_name"))?,
            contact: Contact::try_new(email.transpose()?, phone.transpose()?)
                .map_err(|_| corrupt("clients.email"))?,
            locale: locale.transpose()?,
            birth_date: self.birth_date,
            marketing_consent: self.marketing_consent,
            external_ref: self.external_ref,
            joined_on: self.joined_on,
            status: match self.status.as_str() {
                "active" => ClientStatus::Active,
                _ => ClientStatus::Archived { at: self.archived_at.unwrap_or(self.updated_at) },
            },
            version: self.version,
        })
    }
}

/// Clients as columns, for one statement over all of them.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) ids: Vec<ClientId>,
    pub(super) users: Vec<UserId>,
    pub(super) homes: Vec<OrganizationId>,
    pub(super) given: Vec<String>,
    pub(super) family: Vec<String>,
    pub(super) emails: Vec<Option<String>>,
    pub(super) phones: Vec<Option<String>>,
    pub(super) locales: Vec<Option<String>>,
    pub(super) births: Vec<Option<NaiveDate>>,
    pub(super) consents: Vec<Option<bool>>,
    pub(super) refs: Vec<Option<String>>,
    pub(super) joined: Vec<NaiveDate>,
    pub(super) archived: Vec<Option<DateTime<Utc>>>,
    pub(super) versions: Vec<i32>,
}

impl Columns {
    pub(super) fn of(clients: &[Client]) -> Self {
        let mut columns = Self::default();
        for client in clients {
            columns.ids.push(client.id);
            columns.users.push(client.user);
            columns.homes.push(client.home_organization);
            columns.given.push(client.name.given.to_string());
            columns.family.push(client.name.family.as_ref().map(ToString::to_string).unwrap_or_default());
            columns.emails.push(client.contact.email().map(ToString::to_string));
            columns.phones.push(client.contact.phone().map(ToString::to_string));
            columns.locales.push(client.locale.as_ref().map(ToString::to_string));
            columns.births.push(client.birth_date);
            columns.consents.push(client.marketing_consent);
            columns.refs.push(client.external_ref.clone());
            columns.joined.push(client.joined_on);
            columns.archived.push(match client.status {
                ClientStatus::Active => None,
                ClientStatus::Archived { at } => Some(at),
            });
            columns.versions.push(client.version);
        }
        columns
    }
}

pub(super) fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} holds what no one could have written"))
}
