//! Suspended tenants: nobody can use a tenant while the platform has suspended it (TEN-04).
//!
//! A suspension does not end sessions, refresh tokens and API keys: they are refused while it lasts, and
//! work again afterwards. A refused user belongs to the tenant, so they learn of the suspension; only
//! owners learn the reason. A deleted tenant is treated as if it did not exist.

use crate::{Memberships, Refusal, Session, refresh::no_membership};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, StoreResult, TenantId, UserId};

/// The suspension of a tenant, as it is reported to one of its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// The tenant.
    pub tenant: TenantId,
    /// When the tenant was suspended.
    pub at: DateTime<Utc>,
    /// The reason, for owners; `None` for everyone else.
    pub because: Option<String>,
}

impl Suspension {
    /// The refusal `tenants.suspended`, 403.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let denial = Denial::right("tenants.suspended")
            .because("tenant", self.tenant)
            .because("tenant.suspended_at", self.at);
        match &self.because {
            Some(because) => denial.because("tenant.suspended_because", because).remedy(
                "Write to the platform to have the tenant reactivated. All data is kept until then.",
                None,
            ),
            None => denial.remedy(
                "Ask the owner of the business. All data is kept and will be available again afterwards.",
                None,
            ),
        }
        .into()
    }
}

/// The refusal of a live `session` without access: its tenant is suspended, or its user no longer belongs
/// to the tenant.
pub(crate) async fn turned_away<T: Memberships>(tx: &mut T, session: &Session) -> StoreResult<Refusal> {
    let suspended = find(tx, session.user, Some(session.tenant)).await?;
    Ok(suspended.unwrap_or_else(|| no_membership(session)))
}

/// The refusal for `user` if `tenant` is suspended; without `tenant`, if any tenant of the user is.
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
