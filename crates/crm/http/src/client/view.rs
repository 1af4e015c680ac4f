//! A client, as she sees herself.

use chrono::NaiveDate;
use serde::Serialize;
use tryzore_crm::{Client, ClientStatus};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};
use utoipa::ToSchema;

/// What the gym keeps of you.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnView {
    /// You, as its client.
    id: ClientId,
    /// Given name, or the only name.
    given_name: String,
    /// Family name; null for one-word names.
    family_name: Option<String>,
    /// Where its mail goes. Not what you sign in with.
    email: Option<Email>,
    /// Where its calls and texts go.
    phone: Option<Phone>,
    /// The language to write in; English when null.
    #[schema(example = "it")]
    locale: Option<String>,
    /// Date of birth.
    birth_date: Option<NaiveDate>,
    /// Your last answer about advertising; null when never asked.
    marketing_consent: Option<bool>,
    /// Where you are at home.
    home_organization: OrganizationId,
    /// First day as a customer.
    joined_on: NaiveDate,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ClientStatus)]
    status: &'static str,
    /// The number in the ETag.
    pub(super) version: i32,
}

impl From<Client> for OwnView {
    fn from(client: Client) -> Self {
        Self {
            id: client.id,
            given_name: client.name.given.to_string(),
            family_name: client.name.family.map(|name| name.to_string()),
            email: client.contact.email().cloned(),
            phone: client.contact.phone().cloned(),
            locale: client.locale.map(|locale| locale.to_string()),
            birth_date: client.birth_date,
            marketing_consent: client.marketing_consent,
            home_organization: client.home_organization,
            joined_on: client.joined_on,
            status: match client.status {
                ClientStatus::Active => "active",
                ClientStatus::Archived { .. } => "archived",
            },
            version: client.version,
        }
    }
}
