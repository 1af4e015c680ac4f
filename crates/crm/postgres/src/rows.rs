//! How a client is stored in its table.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use tryzore_crm::{Client, ClientStatus, Contact, PersonName};
use tryzore_kernel::{ClientId, OrganizationId, StoreResult, UserId};
use tryzore_postgres::column::corrupt;
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
