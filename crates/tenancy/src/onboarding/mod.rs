//! From "start free trial" to a tenant with its first locations (ONB-01..08).
//!
//! A session goes `account_created -> organization_pending -> complete`, in three steps that can be
//! interrupted and resumed within 24 hours: **details** (name and address), **account** (password),
//! **locations**. A token identifies the session; only its hash is stored, and whoever holds the token can
//! resume the session.
//!
//! - [`session`]: the session and its rules. [`step`]: the forms of the steps, and the answer.
//! - [`start`](mod@start), [`give_details`](mod@give_details), [`account`],
//!   [`give_locations`](mod@give_locations), [`complete`](mod@complete), [`payments`],
//!   [`abandon`](mod@abandon): the use cases, in order.
//! - [`recovery`]: what a person who comes back can do. [`sweep`](mod@sweep): what the clean-up archives.
//!
//! **No password is stored here.** The password goes straight to the password provider and is in no row,
//! event or log of this product. **No answer reveals whether an address is known** before its owner has
//! verified it: giving details always gives the same answer and always sends a mail; the account is opened
//! only with the proof from that mail, or by a person who is signed in; recovery requires the token or a
//! verified user.
//!
//! **Onboarding is a saga.** A password is chosen outside of transactions, so the account takes three
//! steps: *admit* (a transaction), choosing (no transaction), *settle* (a transaction); a refusal means
//! that nothing changed. Completing is one transaction of the new tenant: all of its first rows, or none.
//! Payments are set up afterwards; when that fails, the location stays and is marked incomplete.

pub mod abandon;
pub mod account;
pub mod complete;
pub mod give_details;
pub mod give_locations;
pub mod payments;
pub mod ports;
pub mod recovery;
pub mod session;
pub mod start;
pub mod step;
pub mod sweep;

#[cfg(test)]
mod tests;

pub use abandon::abandon;
pub use account::{Admission, Credentials};
pub use complete::{Completion, complete};
pub use give_details::give_details;
pub use give_locations::give_locations;
pub use payments::{PaymentsFailed, PaymentsOutcome};
pub use ports::{
    AccountSetup, OnboardingArchive, OnboardingStore, OwnedOrganization, OwnedOrganizations, PaymentsError,
    PaymentsSetup,
};
pub use recovery::{Claimant, RecoveryAction, RecoveryOptions};
pub use session::{OnboardingSession, Progress, SESSION_LIFE};
pub use start::{Started, resume, start};
pub use step::{Details, DetailsForm, Locations, LocationsForm, Step, StepResponse};
pub use sweep::{SIGNUP_LIFE, Swept, sweep};
