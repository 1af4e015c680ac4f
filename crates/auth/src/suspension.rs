//! A tenant that the platform has suspended: nobody can be there for now (TEN-04).
//!
//! Sessions, refresh tokens and keys are not ended by it: they are turned away while it lasts, and
//! work again after it. Whoever is turned away belongs there, so is told what is the matter; the
//! reason is the business of those who own it. Of a tenant that was given up nothing is told: there
//! is none.

use crate::{Memberships, Refusal, Session, refresh::no_membership};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, StoreResult, TenantId, UserId};

/// That a tenant is suspended, as one of its people is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// The tenant.
    pub tenant: TenantId,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why, for those who own it; none for everyone else.
    pub because: Option<String>,
}

impl Suspension {
    /// Nobody can be there: `tenants.suspended`, 403.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let denial = Denial::right("tenants.suspended")
            .because("tenant", self.tenant)
            .because("tenant.suspended_at", self.at);
        match &self.because {
            Some(because) => denial
                .because("tenant.suspended_because", because)
                .remedy("Write to the platform to have it reactivated. Everything is kept until then.", None),
            None => denial
                .remedy("Ask who runs the business. Everything is kept, and works again afterwards.", None),
        }
        .into()
    }
}

/// Why `session` gets nowhere although it lives: its tenant is suspended, or its user belongs there no
/// longer.
pub(crate) async fn turned_away<T: Memberships>(tx: &mut T, session: &Session) -> StoreResult<Refusal> {
    let suspended = find(tx, session.user, Some(session.tenant)).await?;
    Ok(suspended.unwrap_or_else(|| no_membership(session)))
}

/// The refusal for `user` at `tenant`, or at any of the user's when none is said, if that is suspended.
pub(crate) async fn find<T: Memberships>(
    tx: &mut T,
    user: UserId,
    tenant: Option<TenantId>,
) -> StoreResult<Option<Refusal>> {
    let suspensions = tx.suspension_list(user).await?;
    let found = suspensions.iter().find(|one| tenant.is_none_or(|tenant| one.tenant == tenant));
    Ok(found.map(Suspension::refusal))
}

#[cfg(test)]
mod tests;
