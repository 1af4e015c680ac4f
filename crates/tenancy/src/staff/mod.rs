//! Employees with their roles at locations (TEN-06), and how people join the staff (ONB-09).
//!
//! - [`employee`]: a user with a role at one or more locations, one of them primary.
//! - [`invitation`]: an offer to join: valid for 7 days, with one valid link; it can be sent again or
//!   revoked.
//! - [`invitee`]: the person whom the address of an invitation belongs to.
//! - [`invite`](mod@invite), [`resend`](mod@resend), [`revoke`](mod@revoke),
//!   [`issue_link`](mod@issue_link), [`accept`](mod@accept), [`assign`](mod@assign),
//!   [`unassign`](mod@unassign): the use cases.
//!   [`issue_link`](mod@issue_link), [`accept`](mod@accept), [`assign`](mod@assign),
//!   [`unassign`](mod@unassign): the use cases.
//!
//! **Nobody grants or revokes permissions that they do not hold**: see
//! [`tryzore_rbac::manage::delegation`]. A role of scope `owned` comes with owning and cannot be assigned
//! here. **The link is never in the event log**: the mailer requests the link when it sends the mail, and
//! each mail replaces the previous link. So whoever holds the link reads the mail of the address, and
//! [`accept`](mod@accept) requires nothing else.
//! [`accept`](mod@accept) asks for nothing else.

pub mod accept;
pub mod assign;
pub mod delegation;
pub mod employee;
pub mod invitation;
pub mod invite;
pub mod invitee;
pub mod issue_link;
pub mod ports;
pub mod resend;
pub mod revoke;
pub mod unassign;

#[cfg(test)]
mod tests;

pub use accept::{Acceptance, accept};
pub use assign::{AssignmentForm, assign};
pub use employee::{Assignment, Employee};
pub use invitation::{INVITATION_LIFE, Invitation, InvitationDraft, InvitationForm, InvitationState};
pub use invite::{Invited, invite};
pub use invitee::Invitee;
pub use issue_link::{InvitationLink, issue_link};
pub use ports::{Employees, Invitations, Invitees};
pub use resend::resend;
pub use revoke::revoke;
pub use unassign::{dismiss, unassign};
