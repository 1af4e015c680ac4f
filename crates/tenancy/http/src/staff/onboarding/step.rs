//! What is given at each step, in the contract and as the domain reads it.

use secrecy::SecretString;
use serde::Deserialize;
use tryzore_tenancy::{OrganizationForm, onboarding};
use tryzore_web::shapes::{CurrencyCode, TimeZone};
use utoipa::ToSchema;

/// Any step: what the number in the path asks for.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the shape that the contract tells; each step reads its own part")]
pub(super) enum StepBody {
    Details(DetailsBody),
    Account(AccountBody),
    Locations(LocationsBody),
}

/// Step 1: who opens the account. A mail goes there that carries the proof for step 2. Giving it
/// again has a new one sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailsBody {
    /// What the owner is called.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The owner's address.
    #[schema(max_length = 255, example = "ada@example.com")]
    email: String,
}

/// Step 2: the password that is chosen, and what the mail carried. Who is signed in with the address
/// of step 1 sends `{}` instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountBody {
    /// The password. For an address that has one already, it takes its place.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
    /// The token of the link in the mail.
    #[schema(value_type = String, example = "tzo_…")]
    proof: SecretString,
}

/// Step 3: the first locations.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationsBody {
    /// What the brand is called; as the first location when not said.
    #[schema(max_length = 255)]
    business_name: Option<String>,
    /// 1 to 20 locations.
    #[schema(min_items = 1, max_items = 20)]
    locations: Vec<LocationBody>,
}

/// A location that is to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationBody {
    /// What it is called.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// Where it is.
    #[schema(max_length = 500)]
    address: String,
    /// An IANA time zone.
    #[schema(value_type = TimeZone)]
    time_zone: String,
    /// An ISO 4217 code. It never changes.
    #[schema(value_type = CurrencyCode)]
    currency: String,
    /// `DEFAULT`, or an ISO 3166 code.
    #[schema(example = "US-CA")]
    jurisdiction: Option<String>,
    /// Whether a franchisee runs it.
    #[serde(default)]
    is_franchise_location: bool,
}

impl From<DetailsBody> for onboarding::DetailsForm {
    fn from(body: DetailsBody) -> Self {
        Self { name: body.name, email: body.email }
    }
}

impl From<AccountBody> for onboarding::Credentials {
    fn from(body: AccountBody) -> Self {
        Self { password: body.password, proof: body.proof }
    }
}

impl From<LocationsBody> for onboarding::LocationsForm {
    fn from(body: LocationsBody) -> Self {
        let locations = body.locations.into_iter().map(OrganizationForm::from).collect();
        Self { business_name: body.business_name, locations }
    }
}

impl From<LocationBody> for OrganizationForm {
    fn from(body: LocationBody) -> Self {
        Self {
            name: body.name,
            address: Some(body.address),
            time_zone: body.time_zone,
            currency: body.currency,
            jurisdiction: body.jurisdiction,
            parent: None,
            is_franchise_location: body.is_franchise_location,
        }
    }
}
