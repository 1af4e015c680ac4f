//! From "start free trial" to a tenant with its first locations (ONB-01..08).
//!
//! A session goes `account_created -> organization_pending -> complete`, in three steps that can be
//! left and taken up again within 24 hours: **details** (name and address), **account** (password),
//! **locations**. A token names the session; it is kept as a hash, and whoever holds it resumes.
//!
//! - [`session`]: the session and its rules. [`step`]: what is given at each step, and the answer.
//! - [`start`](mod@start), [`give_details`](mod@give_details), [`account`],
//!   [`give_locations`](mod@give_locations), [`complete`](mod@complete), [`payments`],
//!   [`abandon`](mod@abandon): the use cases, in order.
//! - [`recovery`]: what someone who comes back can do. [`sweep`](mod@sweep): what the clean-up
//!   takes away.
//!
//! **No password here.** It goes straight to whoever keeps passwords and is in no row, event or log
//! of ours. **No answer tells whether an address is known** before its mailbox is
//! proven: giving details always says the same and always sends a mail; the account is opened only
//! with what that mail carries, or by someone who is signed in; recovery asks for the token or for
//! a verified user.
//!
//! **It is a saga.** A password is chosen outside of transactions, so the account takes three steps:
//! *admit* (a transaction), choosing (none), *settle* (a transaction); refused means that nothing
//! changed. Completing is one transaction of the new tenant: all of its first rows, or none. Payments come after it, and
//! when they fail the location stays and is marked incomplete.

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
