//! A client for staff.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_crm::{Client, ClientStatus, get_client::SeenClient};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};
use utoipa::ToSchema;

/// A client. If you may see the name only, the other fields are null and `is_limited` is true.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientView {
    /// The client.
    id: ClientId,
    /// Given name, or the only name.
    given_name: String,
    /// Family name; null for one-word names.
    family_name: Option<String>,
    /// The home location of the client.
    home_organization_id: OrganizationId,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ClientStatus)]
    status: &'static str,
    /// When the client was archived.
    archived_at: Option<DateTime<Utc>>,
    /// Whether you see the name only.
    is_limited: bool,
    /// The e-mail address.
    email: Option<Email>,
    /// The phone number.
    phone: Option<Phone>,
    /// The language of mails; English if null.
    #[schema(example = "it")]
    locale: Option<String>,
    /// Date of birth.
    birth_date: Option<NaiveDate>,
    /// The last answer about advertising; null if there was none.
    marketing_consent: Option<bool>,
    /// The id of the client in another system.
    external_ref: Option<String>,
    /// First day as a customer.
    joined_on: Option<NaiveDate>,
    /// The version, which is also in the `ETag`.
    version: i32,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        let (status, archived_at) = match client.status {
            ClientStatus::Active => ("active", None),
            ClientStatus::Archived { at } => ("archived", Some(at)),
        };
        Self {
            id: client.id,
            given_name: client.name.given.to_string(),
            family_name: client.name.family.map(|name| name.to_string()),
            home_organization_id: client.home_organization,
            status,
            archived_at,
            is_limited: false,
            email: client.contact.email().cloned(),
            phone: client.contact.phone().cloned(),
            locale: client.locale.map(|locale| locale.to_string()),
            birth_date: client.birth_date,
            marketing_consent: client.marketing_consent,
            external_ref: client.external_ref,
            joined_on: Some(client.joined_on),
            version: client.version,
        }
    }
}

impl From<SeenClient> for ClientView {
    fn from(seen: SeenClient) -> Self {
        let view = Self::from(seen.client);
        if seen.in_full {
            return view;
        }
        Self {
            is_limited: true,
            email: None,
            phone: None,
            locale: None,
            birth_date: None,
            marketing_consent: None,
            external_ref: None,
            joined_on: None,
            ..view
        }
    }
}
