//! Who works where as what (TEN-06), and how someone comes to work there (ONB-09).
//!
//! - [`employee`]: a user with a role at one or more locations, one of them the primary.
//! - [`invitation`]: an offer to join: 7 days, one link that works, sent again or taken back.
//! - [`invitee`]: whom the address that it goes to belongs to.
//! - [`invite`](mod@invite), [`resend`](mod@resend), [`revoke`](mod@revoke),
//!   [`issue_link`](mod@issue_link), [`accept`](mod@accept), [`assign`](mod@assign),
//!   [`unassign`](mod@unassign): the use cases.
//!
//! **Nobody gives what he does not hold**, nor takes it away: see [`tryzore_rbac::manage::giving`].
//! A role that takes in what someone owns comes with owning and is not given here. **The link is
//! never in the event log**: the mailer asks for it when it sends, and each mail replaces the
//! link of the one before. So whoever holds it reads the mail of the address, and
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
