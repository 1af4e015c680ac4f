//! Why a person may or may not do something at a location, and who may.

use crate::{
    Permit, Slug,
    catalogue::ManageRoles,
    explain::{Explanation, Ground},
    manage::{HoldingsStore, UseCaseError, is_in_reach},
};
use serde::Serialize;
use tryzore_kernel::{OrganizationId, UserId};

/// A person who holds a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoCan {
    /// The person.
    pub user: UserId,
    /// The name of the person at this tenant.
    pub name: Option<String>,
    /// The ground on which they hold it.
    pub because: Ground,
}

/// Explains why `user` holds or does not hold `slug` at `organization`.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a location that the caller does not see, and for a person whom the caller
/// neither sees ([`is_in_reach`]) nor could find by [`who_can`]; [`UseCaseError::Denied`] for a location
/// where the caller does not manage roles.
pub async fn explain<T: HoldingsStore>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    user: UserId,
    slug: Slug,
    organization: OrganizationId,
) -> Result<Explanation, UseCaseError> {
    permit.require_at(organization, "organization")?;
    let holdings = tx.holdings_of(user).await?;
    if !is_in_reach(permit, &holdings) && !holdings.permitted_at(organization).contains(slug) {
        return Err(UseCaseError::NotFound("employee"));
    }
    Ok(holdings.explain(slug, organization))
}

/// Everyone who holds `slug` at `organization`, by name.
///
/// # Errors
/// As [`explain`].
pub async fn who_can<T: HoldingsStore>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    slug: Slug,
    organization: OrganizationId,
) -> Result<Vec<WhoCan>, UseCaseError> {
    permit.require_at(organization, "organization")?;
    let mut can: Vec<_> = tx
        .holdings_all()
        .await?
        .into_iter()
        .filter_map(|staff| {
            let explained = staff.holdings.explain(slug, organization);
            explained.allowed.then_some(WhoCan {
                user: staff.user,
                name: staff.name,
                because: explained.because,
            })
        })
        .collect();
    can.sort_by(|a, b| (&a.name, a.user).cmp(&(&b.name, b.user)));
    Ok(can)
}
