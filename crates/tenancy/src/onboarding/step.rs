//! The steps, their forms, and the answer (ONB-04, ONB-05).

use crate::{FieldErrors, OrganizationDraft, OrganizationForm};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tryzore_kernel::form::{FormCheck, line, optional_text};
use tryzore_kernel::{Denial, Email, FieldError};

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Name and address.
    Details,
    /// Password.
    Account,
    /// The first locations.
    Locations,
    /// Opening the tenant.
    Complete,
    /// Connecting a payment provider from the dashboard; this step can be skipped.
    Payments,
}

impl Step {
    /// The step with the `number` of the path: 1 details, 2 account, 3 locations.
    #[must_use]
    pub const fn of_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Details),
            2 => Some(Self::Account),
            3 => Some(Self::Locations),
            _ => None,
        }
    }

    /// Whether the previous step can be given again.
    #[must_use]
    pub const fn can_go_back(self) -> bool {
        matches!(self, Self::Account | Self::Locations | Self::Complete)
    }

    /// Whether the step can be skipped.
    #[must_use]
    pub const fn can_skip(self) -> bool {
        matches!(self, Self::Payments)
    }
}

/// The answer to a step (ONB-04).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepResponse {
    /// Whether the step was taken.
    pub success: bool,
    /// The next step; the same step when it was not taken.
    pub next_step: Step,
    /// The fields that are not valid.
    pub errors: Vec<FieldError>,
    /// The session token, for the next step.
    pub session_token: String,
    /// Whether the step before `next_step` can be given again.
    pub can_go_back: bool,
    /// Whether `next_step` can be skipped.
    pub can_skip: bool,
}

impl StepResponse {
    pub(super) fn new(success: bool, next: Step, errors: Vec<FieldError>, token: &SecretString) -> Self {
        Self {
            success,
            next_step: next,
            errors,
            session_token: token.expose_secret().to_owned(),
            can_go_back: next.can_go_back(),
            can_skip: next.can_skip(),
        }
    }
}

/// The first step, as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailsForm {
    /// The name of the owner: 1 to 255 characters.
    pub name: String,
    /// The address of the owner: at most 255 characters.
    pub email: String,
}

/// The person who wants to open an account; none of it is verified yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The name of the owner.
    pub name: String,
    /// The address of the owner.
    pub email: Email,
}

impl Details {
    /// Checks that `proven`, the verified address, is the address of the first step.
    ///
    /// # Errors
    /// `onboarding.account.other_email`.
    pub fn check_proven(&self, proven: &Email) -> Result<(), Denial> {
        if self.email == *proven { Ok(()) } else { Err(other_email()) }
    }
}

pub(super) fn other_email() -> Denial {
    Denial::right("onboarding.account.other_email")
        .remedy("Verify the address that you gave, or give this address in the first step.", None)
}

impl DetailsForm {
    /// Checks both fields.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn check(&self) -> Result<Details, FieldErrors> {
        let mut check = FormCheck::default();
        let name = check.take("/name", line(&self.name, 1, 255));
        let email = check.take("/email", self.email.parse::<Email>().map_err(|error| error.to_string()));
        check.finish(name.zip(email).map(|(name, email)| Details { name, email }))
    }
}

/// The third step, as a caller sends it and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocationsForm {
    /// The name of the brand, at most 255 characters; the name of the first location when absent.
    #[serde(default)]
    pub business_name: Option<String>,
    /// 1 to 20 locations, each with an address and none with a parent.
    pub locations: Vec<OrganizationForm>,
}

/// The first locations, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locations {
    /// The name of the brand.
    pub business_name: String,
    /// The locations, at least one.
    pub drafts: Vec<OrganizationDraft>,
}

impl LocationsForm {
    /// The maximum number of locations in onboarding; more can be opened afterwards.
    pub const LOCATIONS_MAX: usize = 20;

    /// Checks every location.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn check(&self) -> Result<Locations, FieldErrors> {
        let mut check = FormCheck::default();
        if !(1..=Self::LOCATIONS_MAX).contains(&self.locations.len()) {
            check.add("/locations", format!("expected 1 to {} locations", Self::LOCATIONS_MAX));
            return check.finish(None);
        }
        let mut drafts = Vec::new();
        for (index, form) in self.locations.iter().enumerate() {
            let prefix = format!("/locations/{index}");
            let draft = check.take_part(form.clone().check_under(&prefix));
            if form.address.as_ref().is_none_or(|address| address.trim().is_empty()) {
                check.add(format_args!("{prefix}/address"), "expected an address");
            }
            if form.parent.is_some() {
                check.add(format_args!("{prefix}/parent"), "locations are put under others afterwards");
            }
            drafts.extend(draft);
        }
        let name = check.take("/business_name", optional_text(self.business_name.as_deref(), 255)).flatten();
        let name = name.or_else(|| drafts.first().map(|first| first.name.clone()));
        check.finish(name.map(|business_name| Locations { business_name, drafts }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::form;

    fn pointers<T>(read: Result<T, FieldErrors>) -> Vec<String> {
        read.err().map_or_else(Vec::new, |errors| errors.pointers().into_iter().map(str::to_owned).collect())
    }

    fn locations(count: usize) -> LocationsForm {
        LocationsForm { business_name: None, locations: vec![form("Main"); count] }
    }

    #[test]
    fn onb_05_details_are_a_name_and_an_address() {
        let check = |name: &str, email: &str| {
            pointers(DetailsForm { name: name.into(), email: email.into() }.check())
        };
        assert_eq!(check("Ada", "ada@example.com"), [""; 0]);
        assert_eq!(check(&"n".repeat(255), "ada@example.com"), [""; 0]);
        assert_eq!(check(&"n".repeat(256), "ada"), ["/name", "/email"]);
    }

    #[test]
    fn onb_05_one_to_twenty_locations_with_addresses() {
        assert_eq!(pointers(locations(0).check()), ["/locations"]);
        assert_eq!(pointers(locations(21).check()), ["/locations"]);
        assert_eq!(locations(20).check().unwrap().drafts.len(), 20);
        assert_eq!(locations(1).check().unwrap().business_name, "Main");
        let mut form = locations(2);
        form.locations[1].address = Some(" ".into());
        form.locations[1].time_zone = "Rome".into();
        form.business_name = Some("b".repeat(256));
        assert_eq!(
            pointers(form.check()),
            ["/locations/1/time_zone", "/locations/1/address", "/business_name"]
        );
    }

    #[test]
    fn onb_04_payments_alone_can_be_skipped_and_the_first_step_has_none_before_it() {
        assert_eq!(
            [1, 2, 3, 4].map(Step::of_number),
            [Some(Step::Details), Some(Step::Account), Some(Step::Locations), None]
        );
        let all = [Step::Details, Step::Account, Step::Locations, Step::Complete, Step::Payments];
        assert_eq!(all.map(Step::can_skip), [false, false, false, false, true]);
        assert_eq!(all.map(Step::can_go_back), [false, true, true, true, false]);
    }
}
