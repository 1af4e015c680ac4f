//! The bodies of the steps, for the contract and for the domain.

use secrecy::SecretString;
use serde::Deserialize;
use tryzore_tenancy::{OrganizationForm, onboarding};
use tryzore_web::shapes::{CurrencyCode, TimeZone};
use utoipa::ToSchema;

/// The body of any step, according to the number in the path.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of the contract; each step reads its own part")]
pub(super) enum StepBody {
    Details(DetailsBody),
    Account(AccountBody),
    Locations(LocationsBody),
}

/// Step 1: the person who opens the account. They get a mail with the proof for step 2. Submitting the step
/// again sends a new mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailsBody {
    /// The name of the owner.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The e-mail address of the owner.
    #[schema(max_length = 255, example = "ada@example.com")]
    email: String,
}

/// Step 2: the chosen password, and the proof from the mail. A user who is signed in with the address of
/// step 1 sends `{}` instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountBody {
    /// The password. It replaces the password of an address that already has one.
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
    /// The name of the brand; that of the first location by default.
    #[schema(max_length = 255)]
    business_name: Option<String>,
    /// 1 to 20 locations.
    #[schema(min_items = 1, max_items = 20)]
    locations: Vec<LocationBody>,
}

/// A new location.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The postal address.
    #[schema(max_length = 500)]
    address: String,
    /// The IANA time zone.
    #[schema(value_type = TimeZone)]
    time_zone: String,
    /// The ISO 4217 code of the currency, which can never be changed.
    #[schema(value_type = CurrencyCode)]
    currency: String,
    /// The jurisdiction: `DEFAULT` or an ISO 3166 code.
    #[schema(example = "US-CA")]
    jurisdiction: Option<String>,
    /// Whether a franchisee operates the location.
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
