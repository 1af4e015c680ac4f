//! Due work, searched for over all tenants and then done tenant by tenant, each in a transaction of its own.
//!
//! A sweep continues after a failure: one event that fails must not block all others. The failed work is
//! found again in the next minute.
//!
//! At a suspended tenant all work goes on: bookings stay, and are there when the tenant is active again. At a
//! deleted tenant nobody is promoted or reminded and no series is extended (TEN-04); past events are completed
//! there too, so that they are not found again.

use crate::Services;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_events::{
    UseCaseError, complete_event::complete_due as complete_one, create_series::extend_series as extend_one,
    promote::process_waitlist, remind::remind,
};
use tryzore_events_postgres::Events;
use tryzore_events_postgres::scans::{self, DueItem};
use tryzore_kernel::{Problem, StoreResult};
use tryzore_postgres::{PlatformTx, TenantTx};
use tryzore_rbac::{Permission, Permit, SystemActor};
use tryzore_tenancy_postgres::Tenancy;

const PAGE: u16 = 200;

/// What to do with due work at a deleted tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtDeleted {
    Done,
    Left,
}

/// The result of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// How many items were found.
    pub found: usize,
    /// How many of them failed.
    pub failed: usize,
}

/// Gives free spots to clients on the waitlist (EVT-10).
///
/// # Errors
/// When the search fails.
pub async fn process_waitlists(services: &Services) -> Result<Swept, Problem> {
    let work = async |permit: &Permit<_>, tx: &mut TenantTx, event, now| {
        process_waitlist(permit, &mut tx.events(), event, now).await.map(drop)
    };
    sweep(services, SystemActor::Waitlist, AtDeleted::Left, scans::waitlists_due, work).await
}

/// Completes past events and marks the clients who did not come (EVT-12).
///
/// # Errors
/// When the search fails.
pub async fn complete_due(services: &Services) -> Result<Swept, Problem> {
    let work = async |permit: &Permit<_>, tx: &mut TenantTx, event, now| {
        complete_one(permit, &mut tx.events(), event, now).await.map(drop)
    };
    sweep(services, SystemActor::Attendance, AtDeleted::Done, scans::completions_due, work).await
}

/// Reminds clients of their bookings, two hours before a class (EVT-09).
///
/// # Errors
/// When the search fails.
pub async fn class_reminders(services: &Services) -> Result<Swept, Problem> {
    let work = async |permit: &Permit<_>, tx: &mut TenantTx, event, now| {
        remind(permit, &mut tx.events(), event, now).await.map(drop)
    };
    sweep(services, SystemActor::Reminder, AtDeleted::Left, scans::reminders_due, work).await
}

/// Creates the next events of series.
///
/// # Errors
/// When the search fails.
pub async fn extend_series(services: &Services) -> Result<Swept, Problem> {
    let work = async |permit: &Permit<_>, tx: &mut TenantTx, series, now| {
        extend_one(permit, &mut tx.events(), series, now).await.map(drop)
    };
    sweep(services, SystemActor::Series, AtDeleted::Left, scans::series_due, work).await
}

pub(crate) async fn sweep<P: Permission, T: Copy>(
    services: &Services,
    system: SystemActor,
    at_deleted: AtDeleted,
    find: impl AsyncFn(&mut PlatformTx, DateTime<Utc>, Option<DueItem<T>>, u16) -> StoreResult<Vec<DueItem<T>>>,
    work: impl AsyncFn(&Permit<P>, &mut TenantTx, T, DateTime<Utc>) -> Result<(), UseCaseError>,
) -> Result<Swept, Problem> {
    let (mut swept, mut after) = (Swept::default(), None);
    loop {
        let now = services.now();
        let look = async |tx: &mut PlatformTx| -> StoreResult<_> {
            let page = find(tx, now, after, PAGE).await?;
            let tenants = page.iter().map(|due| due.tenant).collect();
            let left = match at_deleted {
                AtDeleted::Left => tx.tenancy().tenants_deleted(tenants).await?,
                AtDeleted::Done => Vec::new(),
            };
            Ok((page, left))
        };
        let (page, left) = services.db.platform_tx(system, look).await?;
        for due in page.iter().filter(|due| !left.contains(&due.tenant)) {
            let permit = Permit::<P>::system(due.tenant, system);
            let done = services.db.tenant_tx(&permit, async |tx| work(&permit, tx, due.id, now).await).await;
            swept.found += 1;
            if let Err(problem) = done {
                swept.failed += 1;
                tracing::warn!(tenant = %due.tenant, %problem, ?system, "an item of a sweep failed");
            }
        }
        after = page.last().copied();
        if page.len() < usize::from(PAGE) {
            return Ok(swept);
        }
    }
}
