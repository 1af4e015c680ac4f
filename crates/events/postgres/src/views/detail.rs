//! One event with everything that a detail screen shows.

use super::{Amount, schedule::EventCard};
use crate::EventStore;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Date, Integer, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_events::{
    UseCaseError,
    permission::{BrowseSchedule, ViewEvents},
};
use tryzore_kernel::{EventId, Money, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permission, Permit};
use utoipa::ToSchema;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct EventDetail {
    /// The fields that the schedule shows.
    #[diesel(embed)]
    #[serde(flatten)]
    pub card: EventCard,
    /// The description that clients read, from the template.
    #[diesel(sql_type = Text)]
    pub description: String,
    /// The category, from the template.
    #[diesel(sql_type = Text)]
    pub category: String,
    /// The difficulty, from the template: `beginner`, `intermediate` or `advanced`.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(value_type = Option<tryzore_events::Difficulty>)]
    pub difficulty: Option<String>,
    /// The local date that identifies the event in its series.
    #[diesel(sql_type = Nullable<Date>)]
    pub occurrence_on: Option<NaiveDate>,
    /// The reason for which the event was called off.
    #[diesel(sql_type = Nullable<Text>)]
    pub status_reason: Option<String>,
    /// The last moment, included, at which canceling is free.
    #[diesel(sql_type = Timestamptz)]
    pub free_cancellation_until: DateTime<Utc>,
    /// The first moment at which clients can be checked in.
    #[diesel(sql_type = Timestamptz)]
    pub checkin_opens_at: DateTime<Utc>,
    /// The fee for canceling later than that.
    #[diesel(sql_type = Amount)]
    pub late_cancel_fee: Money,
    /// The fee for not coming.
    #[diesel(sql_type = Amount)]
    pub noshow_fee: Money,
    /// The price of the visit for the calling client; null for staff.
    #[diesel(sql_type = Nullable<Amount>)]
    pub my_price: Option<Money>,
    /// The version to send in `If-Match`.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

statement! {
    struct ReadDetail { tenant: TenantId => Uuid, event: EventId => Uuid, as_client: Option<UserId> => Nullable<Uuid> }
    "SELECT e.id, e.organization_id, o.name AS organization_name, o.time_zone, e.kind, e.name, e.room_id,
            (SELECT r.name FROM events.rooms r WHERE r.tenant_id = $1 AND r.id = e.room_id) AS room_name, e.location,
            e.staff_user_id, leader.name AS staff_name, e.template_id, e.series_id, e.starts_at, e.ends_at, e.status,
            e.spots_total, e.spots_booked, e.spots_booked >= e.spots_total AS is_full,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE w.tenant_id = $1 AND w.event_id = e.id AND w.status = 'waiting') AS waiting,
            e.allow_cross_location_booking,
            b.id AS my_booking_id, b.status AS my_booking_status,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE w.tenant_id = $1 AND w.event_id = e.id AND w.status = 'waiting' AND w.place <= own.place
             HAVING own.place IS NOT NULL) AS my_waitlist_position,
            coalesce(t.description, '') AS description, coalesce(t.category, '') AS category, t.difficulty,
            e.occurrence_on, e.status_reason,
            e.starts_at - make_interval(hours => s.cancellation_window_hours) AS free_cancellation_until,
            e.starts_at - make_interval(mins => s.checkin_window_minutes_before) AS checkin_opens_at,
            ROW(CASE e.kind WHEN 'tour' THEN 0 ELSE s.late_cancel_fee_minor END, o.currency) AS late_cancel_fee,
            ROW(CASE e.kind WHEN 'tour' THEN 0 ELSE s.noshow_fee_minor END, o.currency) AS noshow_fee,
            CASE WHEN c.id IS NOT NULL THEN ROW(
                CASE WHEN c.home_organization_id = e.organization_id OR s.honor_other_location_memberships THEN 0
                     ELSE s.drop_in_price_minor END, o.currency) END AS my_price,
            e.version
     FROM events.events e
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
     LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
     LEFT JOIN events.templates t ON t.tenant_id = $1 AND t.id = e.template_id
     LEFT JOIN crm.clients c ON c.tenant_id = $1 AND c.user_id = $3
     LEFT JOIN events.bookings b ON b.tenant_id = $1 AND b.event_id = e.id AND b.client_id = c.id
          AND b.status IN ('booked', 'attended', 'no_show')
     LEFT JOIN events.waitlist_entries own ON own.tenant_id = $1 AND own.event_id = e.id
          AND own.client_id = c.id AND own.status = 'waiting'
     WHERE e.tenant_id = $1 AND e.id = $2"
}

/// `event` for staff, if the permit reaches it or the caller leads it.
///
/// # Errors
/// Fails when the database query fails.
pub async fn staff_event(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<EventDetail>> {
    for_staff(permit, tx, event).await
}

/// The same view of `event` for the caller whose permit has just let them create or change it.
///
/// # Errors
/// [`UseCaseError::NotFound`] for an event that the permit does not reach.
pub async fn changed_event<P: Permission>(
    permit: &Permit<P>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> Result<EventDetail, UseCaseError> {
    for_staff(permit, tx, event).await?.ok_or(UseCaseError::NotFound("event"))
}

async fn for_staff<P: Permission>(
    permit: &Permit<P>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<EventDetail>> {
    let row: Option<EventDetail> =
        tx.tx.row(ReadDetail { tenant: tx.tenant, event, as_client: None }).await?;
    Ok(row.filter(|row| permit.at_for(row.card.organization_id, row.card.staff_user_id).is_ok()))
}

/// `event` for a client, with their own booking, place on the waitlist and price.
///
/// # Errors
/// Fails when the database query fails.
pub async fn client_event(
    permit: &Permit<BrowseSchedule>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<EventDetail>> {
    tx.tx.row(ReadDetail { tenant: tx.tenant, event, as_client: permit.actor().user() }).await
}
