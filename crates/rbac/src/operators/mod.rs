//! Operators of the platform (RBA-04): appointing and dismissing them, and changing what they may do.
//!
//! - [`operator`]: an operator: a user with a role, overrides and a status.
//! - [`decide`]: the rules of every change.
//! - [`appoint`](mod@appoint), [`change_role`](mod@change_role), [`set_override`](mod@set_override),
//!   [`clear_override`](mod@clear_override), [`dismiss`](mod@dismiss): the use cases.
//! - [`ports`]: what they need from the store. [`domain_event`]: the events that they publish.
//!
//! **Invariants:** nobody changes what they may do themselves; nobody grants or takes a permission that they do
//! not hold, or changes an operator who holds one; once there is a super admin, one always remains who can sign
//! in and holds everything. Every change publishes an event about the operator and appends a line to the audit
//! trail of the platform.

pub mod appoint;
pub mod change_role;
pub mod clear_override;
pub mod decide;
pub mod dismiss;
pub mod domain_event;
pub mod operator;
pub mod ports;
pub mod set_override;

#[cfg(test)]
mod tests;

pub use appoint::{Appointment, appoint};
pub use change_role::change_role;
pub use clear_override::clear_override;
pub use dismiss::dismiss;
pub use operator::{Operator, OperatorStatus};
pub use ports::{Note, Operators};
pub use set_override::{OperatorOverrideForm, set_override};

pub use tryzore_kernel::UseCaseError;

use crate::PlatformPermit;
use chrono::{DateTime, Utc};
use tryzore_kernel::form::{FormCheck, line};

/// The longest reason of a change, in characters.
pub const REASON_MAX: usize = 500;

/// The reason of a change, and the version of the operator that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNote {
    /// The reason: 1 to [`REASON_MAX`] characters.
    pub reason: String,
    /// The version.
    pub version: i32,
}

/// Reads the reason of a change.
fn read_reason(check: &mut FormCheck, text: &str) -> Option<String> {
    check.take("/reason", line(text, 1, REASON_MAX))
}

/// Reads the reason of a change that has no other fields.
fn note_of<P>(permit: &PlatformPermit<P>, reason: &str, now: DateTime<Utc>) -> Result<Note, UseCaseError> {
    let mut check = FormCheck::default();
    let because = read_reason(&mut check, reason);
    Ok(Note { at: now, by: permit.user(), because: check.finish(because)? })
}
