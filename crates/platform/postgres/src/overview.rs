//! The numbers of the whole platform. A function of the database counts, because operators may read none of the
//! rows behind most of the numbers.

use crate::PlatformStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz},
};
use serde::Serialize;
use tryzore_kernel::StoreResult;
use tryzore_postgres::{column::corrupt, scopes::AllTenants, statement};
use utoipa::ToSchema;

statement! {
    struct ReadOverview { at: DateTime<Utc> => Timestamptz }
    "SELECT tenants_active AS active, tenants_suspended AS suspended, tenants_deleted AS deleted,
         locations, staff, clients, bookings_7_days, bookings_30_days, dead_jobs, open_deliveries,
         failed_sign_ins_24_hours, operators
     FROM platform.overview($1)"
}

/// The number of tenants by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct TenantCounts {
    /// Active tenants.
    #[diesel(sql_type = BigInt)]
    pub active: i64,
    /// Suspended tenants.
    #[diesel(sql_type = BigInt)]
    pub suspended: i64,
    /// Deleted tenants.
    #[diesel(sql_type = BigInt)]
    pub deleted: i64,
}

/// The numbers of the whole platform. What belongs to a deleted tenant is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct PlatformOverview {
    /// The tenants by status.
    #[diesel(embed)]
    pub tenants: TenantCounts,
    /// The open locations.
    #[diesel(sql_type = BigInt)]
    pub locations: i64,
    /// The people with a role at a location; someone who works for two tenants is counted twice.
    #[diesel(sql_type = BigInt)]
    pub staff: i64,
    /// The active clients.
    #[diesel(sql_type = BigInt)]
    pub clients: i64,
    /// The bookings made in the last 7 days, also those that were canceled since.
    #[diesel(sql_type = BigInt)]
    pub bookings_7_days: i64,
    /// The bookings made in the last 30 days, also those that were canceled since.
    #[diesel(sql_type = BigInt)]
    pub bookings_30_days: i64,
    /// The jobs that were given up.
    #[diesel(sql_type = BigInt)]
    pub dead_jobs: i64,
    /// The deliveries of providers that are not processed, also those that were given up.
    #[diesel(sql_type = BigInt)]
    pub open_deliveries: i64,
    /// The failed attempts to sign in of the last 24 hours.
    #[diesel(sql_type = BigInt)]
    pub failed_sign_ins_24_hours: i64,
    /// The active operators.
    #[diesel(sql_type = BigInt)]
    pub operators: i64,
}

impl PlatformStore<'_, AllTenants> {
    /// The numbers as of the time of the transaction, in one round trip.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overview(&mut self) -> StoreResult<PlatformOverview> {
        let row: Option<PlatformOverview> = self.tx.row(ReadOverview { at: self.now }).await?;
        row.ok_or_else(|| corrupt("platform.overview"))
    }
}
