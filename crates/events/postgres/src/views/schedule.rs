//! The schedule: the events within a window of time, by their start.
//!
//! The query selects the rows of the page first, by the index of location and start (or of tenant and
//! start), and joins the other tables only for these rows.

use super::{after, anywhere, filter};
use crate::EventStore;
use chrono::{DateTime, Duration, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_events::{
    EventKind, EventState,
    permission::{BrowseSchedule, ViewEvents},
};
use tryzore_kernel::{
    BookingId, EventId, Limit, OrganizationId, Page, Problem, RoomId, SeriesId, StoreResult, TemplateId,
    TenantId, UserId,
};
use tryzore_postgres::{column::to_text, statement};
use tryzore_rbac::Permit;
use utoipa::ToSchema;

/// The longest window of one query, in days.
pub const MAX_DAYS: i64 = 92;

/// The filter of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFilter {
    /// The earliest start, included.
    pub from: DateTime<Utc>,
    /// The latest start, excluded; at most [`MAX_DAYS`] days after `from`.
    pub to: DateTime<Utc>,
    /// Only events at this location; none means every location that the caller may see.
    pub organization: Option<OrganizationId>,
    /// Only events of this kind.
    pub kind: Option<EventKind>,
    /// Only events that this person leads.
    pub staff: Option<UserId>,
    /// Only events made from this template.
    pub template: Option<TemplateId>,
    /// Only events in one of these states; empty means in any state.
    pub states: Vec<EventState>,
    /// Where the page starts.
    pub cursor: Option<String>,
    /// The highest number of rows in the page.
    pub limit: Limit,
}

impl ScheduleFilter {
    /// All events of a window.
    #[must_use]
    pub fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let (organization, kind, staff, template, cursor) = (None, None, None, None, None);
        Self {
            from,
            to,
            organization,
            kind,
            staff,
            template,
            states: Vec::new(),
            cursor,
            limit: Limit::default(),
        }
    }
}

/// An event as a schedule shows it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct EventCard {
    /// The event.
    #[diesel(sql_type = Uuid)]
    pub id: EventId,
    /// The location where the event takes place.
    #[diesel(sql_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The name of the location.
    #[diesel(sql_type = Text)]
    pub organization_name: String,
    /// The time zone of the location (IANA name).
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// The kind of the event: `class`, `tour` or `appointment`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_events::EventKind)]
    pub kind: String,
    /// The name of the event.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The room in which the event takes place, if the location has given it one.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub room_id: Option<RoomId>,
    /// The name of that room.
    #[diesel(sql_type = Nullable<Text>)]
    pub room_name: Option<String>,
    /// The room or the meeting point, in words.
    #[diesel(sql_type = Text)]
    pub location: String,
    /// The staff member who leads the event.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub staff_user_id: Option<UserId>,
    /// The name of the leader; null without a leader, or when the leader no longer works here.
    #[diesel(sql_type = Nullable<Text>)]
    pub staff_name: Option<String>,
    /// The template from which the event was made; none without a template.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub template_id: Option<TemplateId>,
    /// The series of the event; null for a single event.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub series_id: Option<SeriesId>,
    /// The start of the event.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    #[diesel(sql_type = Timestamptz)]
    pub ends_at: DateTime<Utc>,
    /// The status: `scheduled`, `confirmed`, `in_progress`, `completed` or `canceled`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_events::EventState)]
    pub status: String,
    /// The number of spots.
    #[diesel(sql_type = Integer)]
    pub spots_total: i32,
    /// The number of booked spots.
    #[diesel(sql_type = Integer)]
    pub spots_booked: i32,
    /// Whether every spot is booked.
    #[diesel(sql_type = Bool)]
    pub is_full: bool,
    /// The number of clients who wait.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Whether clients of other locations may book.
    #[diesel(sql_type = Bool)]
    pub allow_cross_location_booking: bool,
    /// The calling client's own booking; null for staff.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub my_booking_id: Option<BookingId>,
    /// The status of that booking.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(value_type = Option<tryzore_events::BookingState>)]
    pub my_booking_status: Option<String>,
    /// The calling client's own rank on the waitlist, from 1; null for staff.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub my_waitlist_position: Option<i64>,
}

statement! {
    struct ReadSchedule {
        tenant: TenantId => Uuid,
        at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        in_full: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        me: Option<UserId> => Nullable<Uuid>,
        from: DateTime<Utc> => Timestamptz,
        to: DateTime<Utc> => Timestamptz,
        kind: Option<String> => Nullable<Text>,
        staff: Option<UserId> => Nullable<Uuid>,
        template: Option<TemplateId> => Nullable<Uuid>,
        states: Option<Vec<String>> => Nullable<Array<Text>>,
        after_at: DateTime<Utc> => Timestamptz,
        after: EventId => Uuid,
        limit: i64 => BigInt,
        as_client: Option<UserId> => Nullable<Uuid>,
        visitors_only: bool => Bool,
        elsewhere_than: Option<OrganizationId> => Nullable<Uuid>,
    }
    "WITH page AS (
         SELECT e.* FROM events.events e
         WHERE e.tenant_id = $1
           AND e.organization_id = ANY(coalesce($2, ARRAY(SELECT o.id FROM tenancy.organizations o WHERE o.tenant_id = $1)))
           AND e.starts_at >= $5 AND e.starts_at < $6
           AND e.starts_at >= $11 AND (e.starts_at, e.id) > ($11, $12)
           AND ($3 IS NULL OR e.organization_id = ANY($3) OR e.staff_user_id = $4)
           AND ($7 IS NULL OR e.kind = $7)
           AND ($8 IS NULL OR e.staff_user_id = $8)
           AND ($9 IS NULL OR e.template_id = $9)
           AND ($10 IS NULL OR e.status = ANY($10))
           AND (NOT $15 OR e.allow_cross_location_booking AND EXISTS (
                    SELECT FROM tenancy.organization_settings s
                    WHERE s.tenant_id = $1 AND s.organization_id = e.organization_id
                      AND s.allow_cross_location_booking))
           AND ($16 IS NULL OR e.organization_id <> $16)
         ORDER BY e.starts_at, e.id
         LIMIT $13)
     SELECT e.id, e.organization_id, o.name AS organization_name, o.time_zone, e.kind, e.name, e.room_id,
            (SELECT r.name FROM events.rooms r WHERE r.tenant_id = $1 AND r.id = e.room_id) AS room_name, e.location,
            e.staff_user_id, leader.name AS staff_name, e.template_id, e.series_id, e.starts_at, e.ends_at, e.status,
            e.spots_total, e.spots_booked, e.spots_booked >= e.spots_total AS is_full,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE w.tenant_id = $1 AND w.event_id = e.id AND w.status = 'waiting') AS waiting,
            e.allow_cross_location_booking,
            b.id AS my_booking_id, b.status AS my_booking_status,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE own.place IS NOT NULL AND w.tenant_id = $1 AND w.event_id = e.id AND w.status = 'waiting'
               AND w.place <= own.place
             HAVING own.place IS NOT NULL) AS my_waitlist_position
     FROM page e
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
     LEFT JOIN crm.clients c ON c.tenant_id = $1 AND c.user_id = $14
     LEFT JOIN events.bookings b ON b.tenant_id = $1 AND b.event_id = e.id AND b.client_id = c.id
          AND b.status IN ('booked', 'attended', 'no_show')
     LEFT JOIN events.waitlist_entries own ON own.tenant_id = $1 AND own.event_id = e.id
          AND own.client_id = c.id AND own.status = 'waiting'
     ORDER BY e.starts_at, e.id"
}

statement! {
    /// The other locations to which a client may go.
    struct ReadElsewhere { tenant: TenantId => Uuid, user: UserId => Uuid }
    "SELECT o.id FROM crm.clients c
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id <> c.home_organization_id AND o.status = 'active'
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = o.id
     WHERE c.tenant_id = $1 AND c.user_id = $2 AND s.allow_cross_location_booking
       AND (cardinality(c.allowed_organization_ids) = 0 OR o.id = ANY(c.allowed_organization_ids))"
}

#[derive(QueryableByName)]
struct ElsewhereRow {
    #[diesel(sql_type = Uuid)]
    id: OrganizationId,
}

/// The schedule where the caller works: all events, or those that the caller leads.
///
/// # Errors
/// 422 for an invalid window or cursor.
pub async fn staff_schedule(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    wanted: &ScheduleFilter,
) -> Result<Page<EventCard>, Problem> {
    let query = for_staff(permit, tx.tenant, wanted)?;
    page(tx, query, wanted.limit).await
}

/// The events that take visitors at the other locations that the caller sees, without the location
/// where the caller works now.
///
/// # Errors
/// As [`staff_schedule`].
pub async fn staff_cross_location_schedule(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    wanted: &ScheduleFilter,
) -> Result<Page<EventCard>, Problem> {
    let query = for_staff(permit, tx.tenant, wanted)?;
    let elsewhere = ReadSchedule { visitors_only: true, elsewhere_than: permit.organization(), ..query };
    page(tx, elsewhere, wanted.limit).await
}

/// The schedule of the requested location, or else of the client's current location, with the client's
/// own bookings and places on the waitlist.
///
/// # Errors
/// As [`staff_schedule`].
pub async fn client_schedule(
    permit: &Permit<BrowseSchedule>,
    tx: &mut EventStore<'_>,
    wanted: &ScheduleFilter,
) -> Result<Page<EventCard>, Problem> {
    let at = wanted.organization.or(permit.organization());
    let query = query(tx.tenant, wanted, at.map(|at| vec![at]))?;
    page(tx, ReadSchedule { as_client: permit.actor().user(), ..query }, wanted.limit).await
}

/// The events at other locations that the client may book as a visitor after switching to that
/// location.
///
/// # Errors
/// As [`staff_schedule`].
pub async fn cross_location_schedule(
    permit: &Permit<BrowseSchedule>,
    tx: &mut EventStore<'_>,
    wanted: &ScheduleFilter,
) -> Result<Page<EventCard>, Problem> {
    let Some(user) = permit.actor().user() else { return Ok(Page { data: Vec::new(), next_cursor: None }) };
    let rows: Vec<ElsewhereRow> = tx.tx.rows(ReadElsewhere { tenant: tx.tenant, user }).await?;
    let at = narrowed(Some(rows.into_iter().map(|row| row.id).collect()), wanted.organization);
    let query = query(tx.tenant, wanted, at)?;
    page(tx, ReadSchedule { as_client: Some(user), visitors_only: true, ..query }, wanted.limit).await
}

fn for_staff(
    permit: &Permit<ViewEvents>,
    tenant: TenantId,
    wanted: &ScheduleFilter,
) -> Result<ReadSchedule, Problem> {
    let at = narrowed(anywhere(permit), wanted.organization);
    let (in_full, me) = (filter(permit.reach()), permit.actor().user());
    Ok(ReadSchedule { in_full, me, ..query(tenant, wanted, at)? })
}

fn narrowed(at: Option<Vec<OrganizationId>>, wanted: Option<OrganizationId>) -> Option<Vec<OrganizationId>> {
    match (at, wanted) {
        (Some(at), Some(wanted)) => Some(at.into_iter().filter(|one| *one == wanted).collect()),
        (None, Some(wanted)) => Some(vec![wanted]),
        (at, None) => at,
    }
}

fn query(
    tenant: TenantId,
    wanted: &ScheduleFilter,
    at: Option<Vec<OrganizationId>>,
) -> Result<ReadSchedule, Problem> {
    if wanted.to <= wanted.from || wanted.to - wanted.from > Duration::days(MAX_DAYS) {
        return Err(Problem::invalid(
            "to",
            format!("expected a time after `from`, at most {MAX_DAYS} days later"),
        ));
    }
    let nowhere = (wanted.from, EventId::from(uuid::Uuid::nil()));
    let (after_at, after) = after(wanted.cursor.as_deref())?.unwrap_or(nowhere);
    let states: Vec<String> = wanted.states.iter().map(to_text).collect();
    Ok(ReadSchedule {
        tenant,
        at,
        in_full: None,
        me: None,
        from: wanted.from,
        to: wanted.to,
        kind: wanted.kind.map(to_text),
        staff: wanted.staff,
        template: wanted.template,
        states: (!states.is_empty()).then_some(states),
        after_at,
        after,
        limit: wanted.limit.fetch_limit(),
        as_client: None,
        visitors_only: false,
        elsewhere_than: None,
    })
}

async fn page(
    tx: &mut EventStore<'_>,
    query: ReadSchedule,
    limit: Limit,
) -> Result<Page<EventCard>, Problem> {
    let rows: StoreResult<Vec<EventCard>> = tx.tx.rows(query).await;
    Ok(Page::from_rows(rows?, limit, |card| (card.starts_at, card.id)))
}
