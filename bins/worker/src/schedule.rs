//! The periodic work. Each entry is run, recorded and caught up.

use crate::{Services, follow_events::follow_events, overrides, sweeps};
use futures::FutureExt;
use serde::Serialize;
use serde_json::Value;
use tryzore_crm_postgres::import::sweep_uploads;
use tryzore_governance_postgres::seal_audit;
use tryzore_kernel::Problem;
use tryzore_postgres::runtime::{Cadence, Each, Schedule, program::Outcome, purge::purge};
use tryzore_rbac::SystemActor;
use tryzore_tenancy::onboarding;
use tryzore_tenancy_postgres::Tenancy;

macro_rules! schedule {
    ($name:literal, $cadence:expr, $each:ident, $run:expr) => {
        Schedule {
            name: $name,
            cadence: $cadence,
            each: Each::$each,
            run: |services, _| async move { report($run(&services).await) }.boxed_local(),
        }
    };
}

/// The periodic work.
pub const SCHEDULES: &[Schedule<Services>] = &[
    // EVT-10
    schedule!("process_waitlists", Cadence::EveryMinute, Platform, sweeps::process_waitlists),
    // EVT-12
    schedule!("complete_due", Cadence::EveryMinute, Platform, sweeps::complete_due),
    // EVT-09
    schedule!("class_reminders", Cadence::EveryMinute, Platform, sweeps::class_reminders),
    // EVT-05
    schedule!("extend_series", Cadence::Hourly, Platform, sweeps::extend_series),
    // AUT-09
    schedule!("follow_provider_events", Cadence::EveryMinute, Platform, follow_events),
    // SUP-09
    schedule!("settle_overrides", Cadence::EveryMinute, Platform, overrides::settle_overrides),
    // CMP-03
    schedule!("seal_audit", Cadence::EveryMinute, Platform, async |services: &Services| seal_audit(
        &services.db
    )
    .await),
    // ONB-08
    schedule!("onboarding_cleanup", Cadence::Hourly, Platform, clean_up_onboarding),
    schedule!("sweep_uploads", Cadence::Hourly, Platform, async |services: &Services| {
        sweep_uploads(&services.db).await
    }),
    schedule!("purge", Cadence::Daily(chrono::NaiveTime::MIN), Platform, async |services: &Services| {
        purge(&services.db).await
    }),
];

async fn clean_up_onboarding(services: &Services) -> Result<onboarding::Swept, Problem> {
    let now = services.now();
    services
        .db
        .platform_tx(SystemActor::CleanUp, async |tx| onboarding::sweep(&mut tx.tenancy(), now).await)
        .await
}

fn report<T: Serialize>(done: Result<T, Problem>) -> Outcome<Value> {
    Ok(serde_json::to_value(done?).unwrap_or(Value::Null))
}
