//! Manual overrides whose time is over (SUP-09): a proposal that nobody executed expires, and a change that nobody
//! confirmed is taken back.

use crate::{
    Services,
    sweeps::{AtDeleted, Swept, sweep},
};
use tryzore_events_postgres::{
    overrides::{BookingKind, FeeKind},
    scans::DueItem,
};
use tryzore_kernel::{OverrideId, Problem};
use tryzore_postgres::{PlatformTx, TenantTx};
use tryzore_rbac::{Permit, SystemActor};
use tryzore_rbac_postgres::overriding::{Holders, PermissionKind};
use tryzore_support::{permission::ManualOverrides, settle_due};
use tryzore_support_postgres::{OverrideTx, Registry, due::overrides_due};

/// What can be overridden by hand: the kinds of the domains.
pub const OVERRIDES: Registry = Registry::new(&[&BookingKind, &FeeKind, &PermissionKind], &Holders);

/// Ends the overrides whose time is over. At a deleted tenant too, so that they are not found again.
///
/// # Errors
/// When the search fails.
pub async fn settle_overrides(services: &Services) -> Result<Swept, Problem> {
    let find = async |tx: &mut PlatformTx, now, after: Option<DueItem<OverrideId>>, limit| {
        let found = overrides_due(tx, now, after.map(|due| (due.tenant, due.id)), limit).await?;
        Ok(found.into_iter().map(|(tenant, id)| DueItem { tenant, id }).collect())
    };
    let work = async |permit: &Permit<ManualOverrides>, tx: &mut TenantTx, id, now| {
        settle_due(permit, &mut OverrideTx::new(tx, OVERRIDES, permit), id, now).await.map(drop)
    };
    sweep(services, SystemActor::Overrides, AtDeleted::Done, find, work).await
}
