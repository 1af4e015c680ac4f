//! Manual overrides (SUP-09): a person sets a rule aside by hand, for a reason, and everybody who manages roles
//! hears of it.
//!
//! - [`manual_override`]: an override, its states and its rules.
//! - [`mod@propose`], [`mod@execute`], [`mod@settle`] (confirm, revert, and what the worker does when time is over):
//!   the use cases.
//! - [`ports`]: what a store must do, and what the domains that own the data must do ([`Kinds`]).
//!   [`domain_event`]: the domain events that are published. [`letter`]: the letters to those who manage roles.
//!
//! **Invariants:** nothing is changed that was not shown in a preview before; whoever proposes an override executes
//! it, and nobody else; what was executed is taken back by itself unless another person confirms it; there is at most
//! one open override per target and person; every step is a line of a log that nobody can change.

pub mod domain_event;
pub mod execute;
pub mod letter;
pub mod manual_override;
pub mod permission;
pub mod ports;
pub mod propose;
pub mod settle;
#[cfg(test)]
mod tests;

pub use execute::execute;
pub use manual_override::{ManualOverride, OverrideForm, OverrideStatus, Preview};
pub use ports::{Kinds, OverrideStep, Overrides};
pub use propose::propose;
pub use settle::{confirm, revert, settle_due};
pub use tryzore_kernel::UseCaseError;
