//! All bookings of a client at all locations, newest first (MEM-10).

use crate::CrmStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_crm::Clients;
use tryzore_kernel::{BookingId, ClientId, EventId, Limit, OrganizationId, Page, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::ViewClientsAcross};
use utoipa::ToSchema;

/// A booking of a client, at any location.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Visit {
    /// The booking.
    #[diesel(sql_type = Uuid)]
    pub booking_id: BookingId,
    /// The event that was booked.
    #[diesel(sql_type = Uuid)]
    pub event_id: EventId,
    /// The name of the event.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// `class`, `tour` or `appointment`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = crate::shapes::VisitKind)]
    pub kind: String,
    /// The location of the event.
    #[diesel(sql_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The name of the location.
    #[diesel(sql_type = Text)]
    pub organization_name: String,
    /// Whether the location is the client's home.
    #[diesel(sql_type = Bool)]
    pub is_home: bool,
    /// When the event starts.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// `booked`, `attended`, `canceled`, `canceled_late` or `no_show`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = crate::shapes::VisitStatus)]
    pub status: String,
}

statement! {
    struct ReadHistory {
        tenant: TenantId => Uuid,
        client: ClientId => Uuid,
        before: DateTime<Utc> => Timestamptz,
        booking: BookingId => Uuid,
        limit: i64 => BigInt,
    }
    "SELECT b.id AS booking_id, b.event_id, e.name, e.kind, b.attended_organization_id AS organization_id,
            o.name AS organization_name, b.attended_organization_id = c.home_organization_id AS is_home,
            e.starts_at, b.status
     FROM events.bookings b
     JOIN crm.clients c ON c.tenant_id = $1 AND c.id = b.client_id
     JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = b.attended_organization_id
     WHERE b.tenant_id = $1 AND b.client_id = $2 AND (e.starts_at, b.id) < ($3, $4)
     ORDER BY e.starts_at DESC, b.id DESC
     LIMIT $5"
}

/// Where a page of a history starts: after the booking with this start and id.
pub type HistoryKey = (DateTime<Utc>, BookingId);

// The last second of the year 9999: later than the start of any event.
const END: i64 = 253_402_300_799;

impl CrmStore<'_> {
    /// The bookings of `client`, newest first; `None` for a client whose home location is not in the reach
    /// of `permit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn client_history(
        &mut self,
        permit: &Permit<ViewClientsAcross>,
        client: ClientId,
        after: Option<HistoryKey>,
        limit: Limit,
    ) -> StoreResult<Option<Page<Visit>>> {
        let found = self.client_find(client).await?;
        if found.is_none_or(|client| !permit.reach().covers(client.home_organization)) {
            return Ok(None);
        }
        let end = || (DateTime::from_timestamp(END, 0).unwrap_or_default(), uuid::Uuid::max().into());
        let (before, booking) = after.unwrap_or_else(end);
        let read = ReadHistory { tenant: self.tenant, client, before, booking, limit: limit.fetch_limit() };
        let rows: Vec<Visit> = self.tx.rows(read).await?;
        Ok(Some(Page::from_rows(rows, limit, |visit| (visit.starts_at, visit.booking_id))))
    }
}
