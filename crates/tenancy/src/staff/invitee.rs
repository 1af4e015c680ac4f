//! Whom the address of an invitation belongs to.

use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, UserId};

/// Whom an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitee {
    /// Nobody has proven to read its mail yet.
    Unclaimed,
    /// A user who has.
    Active(UserId),
    /// A user whose account is closed.
    Closed {
        /// When it was closed.
        at: DateTime<Utc>,
    },
}

impl Invitee {
    /// The user; none as long as there is nobody.
    ///
    /// # Errors
    /// `staff.accept.account_closed`: to choose a password would not open the account.
    pub fn user(self) -> Result<Option<UserId>, Denial> {
        match self {
            Self::Unclaimed => Ok(None),
            Self::Active(user) => Ok(Some(user)),
            Self::Closed { at } => Err(Denial::state("staff.accept.account_closed")
                .because("user.status", "deactivated")
                .because("user.deactivated_at", at)
                .remedy(
                    "The account of this address is closed: have it opened again and follow the link once \
                     more, or ask for an invitation to another address.",
                    None,
                )),
        }
    }
}
