//! The person whom the address of an invitation belongs to.

use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, UserId};

/// The person whom an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitee {
    /// Nobody has verified the address yet.
    Unclaimed,
    /// A user who has verified the address.
    Active(UserId),
    /// A user whose account is closed.
    Closed {
        /// When the account was closed.
        at: DateTime<Utc>,
    },
}

impl Invitee {
    /// The user; `None` when nobody has verified the address.
    ///
    /// # Errors
    /// `staff.accept.account_closed`: choosing a password would not reopen the account.
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
