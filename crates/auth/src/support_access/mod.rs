//! Support access: an operator of the platform sees the data of a tenant that has approved it (AUT-17).
//!
//! - [`grant`]: the request, and the approval that it becomes.
//! - [`request`]: an operator asks, or withdraws.
//! - [`decide`]: the tenant approves, denies or revokes.
//! - [`enter`]: the operator begins an acting session under an approval.
//!
//! **Invariants:** without an approval, operators see nothing of a tenant's data. An approval ends by itself, and
//! the tenant can revoke it: its sessions end in the same transaction. Nobody approves permissions that they do not
//! hold themselves.

pub mod decide;
pub mod enter;
pub mod grant;
pub mod request;

pub use decide::{Approval, approve, deny, revoke};
pub use enter::enter;
pub use grant::{SupportGrant, SupportGrantForm, SupportGrantStatus};
pub use request::{request, withdraw};

#[cfg(test)]
mod tests;
