//! The profile of a client for the client.

use chrono::NaiveDate;
use serde::Serialize;
use tryzore_crm::{Client, ClientStatus};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};
use utoipa::ToSchema;

/// Your client profile.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnView {
    /// The id of your client profile.
    id: ClientId,
    /// Given name, or the only name.
    given_name: String,
    /// Family name; null for one-word names.
    family_name: Option<String>,
    /// The e-mail address that this tenant uses; signing in does not use it.
    email: Option<Email>,
    /// The phone number that this tenant uses.
    phone: Option<Phone>,
    /// The language of mails; English if null.
    #[schema(example = "it")]
    locale: Option<String>,
    /// Date of birth.
    birth_date: Option<NaiveDate>,
    /// Your last answer about advertising; null if there was none.
    marketing_consent: Option<bool>,
    /// Your home location.
    home_organization_id: OrganizationId,
    /// First day as a customer.
    joined_on: NaiveDate,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ClientStatus)]
    status: &'static str,
    /// The version, which is also in the `ETag`.
    version: i32,
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
            home_organization_id: client.home_organization,
            joined_on: client.joined_on,
            status: match client.status {
                ClientStatus::Active => "active",
                ClientStatus::Archived { .. } => "archived",
            },
            version: client.version,
        }
    }
}
