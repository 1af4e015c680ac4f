//! Key figures of a location (TEN-10).

use crate::TenancyStore;
use chrono::{DateTime, Duration, Utc};
use diesel::{QueryableByName, sql_types};
use serde::Serialize;
use tryzore_kernel::{OrganizationId, Problem, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::ViewAnalytics, permit::OutOfReach};
use utoipa::ToSchema;

/// The length of the window.
pub const WINDOW: Duration = Duration::days(30);

/// Key figures of a location. The window is from `since`, included, to `until`, excluded.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OrganizationAnalytics {
    /// The location.
    pub organization_id: OrganizationId,
    /// The start of the window, thirty days before `until`.
    pub since: DateTime<Utc>,
    /// The end of the window: the time of the request.
    pub until: DateTime<Utc>,
    /// The number of active clients whose home location this is.
    pub clients: i64,
    /// The number of events that start from now on and are not canceled.
    pub upcoming_events: i64,
    /// The number of bookings made in the window for events at the location, whatever their current status.
    pub bookings: i64,
    /// The number of events that began in the window and were not canceled.
    pub events: i64,
    /// The share of the spots of these events that were booked: 0 to 1; null without events.
    pub utilization: Option<f64>,
}

statement! {
    struct Count {
        tenant: TenantId => sql_types::Uuid,
        organization: OrganizationId => sql_types::Uuid,
        since: DateTime<Utc> => sql_types::Timestamptz,
        until: DateTime<Utc> => sql_types::Timestamptz,
    }
    "SELECT
         (SELECT count(*) FROM crm.clients
          WHERE tenant_id = $1 AND home_organization_id = $2 AND status = 'active') AS clients,
         (SELECT count(*) FROM events.events
          WHERE tenant_id = $1 AND organization_id = $2 AND starts_at >= $4
            AND status IN ('scheduled', 'confirmed')) AS upcoming_events,
         (SELECT count(*) FROM events.bookings
          WHERE tenant_id = $1 AND attended_organization_id = $2
            AND created_at >= $3 AND created_at < $4) AS bookings,
         count(*) AS events, sum(spots_total)::bigint AS spots, sum(spots_booked)::bigint AS taken
     FROM events.events
     WHERE tenant_id = $1 AND organization_id = $2 AND starts_at >= $3 AND starts_at < $4
       AND status <> 'canceled'"
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::BigInt)]
    clients: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    upcoming_events: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    bookings: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    events: i64,
    #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
    spots: Option<i64>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
    taken: Option<i64>,
}

impl TenancyStore<'_> {
    /// The key figures of `organization` at `now`.
    ///
    /// # Errors
    /// 404 for a location that the caller does not see, 403 for a location whose figures the caller may not
    /// see.
    pub async fn organization_analytics(
        &mut self,
        permit: &Permit<ViewAnalytics>,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<OrganizationAnalytics, Problem> {
        permit.at(organization).map_err(|beyond| match beyond {
            OutOfReach::Hidden => Problem::not_found("organization"),
            OutOfReach::Denied(denial) => denial.into(),
        })?;
        let since = now - WINDOW;
        let count = Count { tenant: self.tenant, organization, since, until: now };
        let row: Option<CountRow> = self.tx.row(count).await?;
        let row = row.ok_or_else(|| Problem::internal("counting gave no row"))?;
        #[allow(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        let utilization = row.taken.zip(row.spots).map(|(taken, spots)| taken as f64 / spots as f64);
        Ok(OrganizationAnalytics {
            organization_id: organization,
            since,
            until: now,
            clients: row.clients,
            upcoming_events: row.upcoming_events,
            bookings: row.bookings,
            events: row.events,
            utilization,
        })
    }
}
