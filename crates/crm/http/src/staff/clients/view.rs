//! A client, as staff see one.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_crm::{Client, ClientStatus, get_client::SeenClient};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};
use utoipa::ToSchema;

/// A client. Who may see the name only gets null for the rest, and `is_limited`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientView {
    /// The client.
    id: ClientId,
    /// Given name, or the only name.
    given_name: String,
    /// Family name; null for one-word names.
    family_name: Option<String>,
    /// Where the client is at home.
    home_organization: OrganizationId,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ClientStatus)]
    status: &'static str,
    /// Since when the client is put away.
    archived_at: Option<DateTime<Utc>>,
    /// Whether you see the name only.
    is_limited: bool,
    /// Where mail goes.
    email: Option<Email>,
    /// Where calls and texts go.
    phone: Option<Phone>,
    /// The language to write in; English when null.
    #[schema(example = "it")]
    locale: Option<String>,
    /// Date of birth.
    birth_date: Option<NaiveDate>,
    /// The last answer about advertising; null when never asked.
    marketing_consent: Option<bool>,
    /// What another system calls the client.
    external_ref: Option<String>,
    /// First day as a customer.
    joined_on: Option<NaiveDate>,
    /// The number in the ETag.
    pub(super) version: i32,
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
            home_organization: client.home_organization,
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
