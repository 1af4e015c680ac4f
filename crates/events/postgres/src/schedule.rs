//! The port for single events on the schedule.

use super::rows::{BookingRulesRow, EventRow};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Bool, Timestamptz, Uuid},
};
use tryzore_events::{BookingRules, Event, EventState, Schedules};
use tryzore_kernel::{EventId, OrganizationId, RoomId, SeriesId, StoreResult, TemplateId, TenantId, UserId};
use tryzore_postgres::{
    column::{column, to_text},
    statement,
};
use tryzore_schema::events::events;

statement! {
    struct ReadEvents { tenant: TenantId => Uuid, events: Vec<EventId> => Array<Uuid> }
    "SELECT e.id, e.organization_id, e.kind, e.template_id, e.series_id, e.occurrence_on, e.name,
            e.staff_user_id, e.starts_at, e.ends_at, e.spots_total, e.spots_booked, e.location, e.status,
            e.allow_cross_location_booking, e.reminded_at, e.room_id, e.version,
            o.status <> 'closed' AS location_is_open, o.time_zone, o.currency,
            s.cancellation_window_hours, s.checkin_window_minutes_before,
            s.noshow_fee_minor, s.late_cancel_fee_minor, s.drop_in_price_minor,
            s.reservation_open_time, s.reservation_close_time,
            s.allow_cross_location_booking AS takes_visitors, s.honor_other_location_memberships
     FROM events.events e
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
     WHERE e.tenant_id = $1 AND e.id = ANY($2)
     ORDER BY e.id"
}

statement! {
    /// Putting an event on the schedule locks the location against closing meanwhile: closing a
    /// location locks the events that it sees, and must see all of them.
    struct ReadBookingRules { tenant: TenantId => Uuid, organization: OrganizationId => Uuid }
    "SELECT true AS location_is_open, o.time_zone, o.currency,
            s.cancellation_window_hours, s.checkin_window_minutes_before,
            s.noshow_fee_minor, s.late_cancel_fee_minor, s.drop_in_price_minor,
            s.reservation_open_time, s.reservation_close_time,
            s.allow_cross_location_booking AS takes_visitors, s.honor_other_location_memberships
     FROM tenancy.organizations o
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = o.id
     WHERE o.tenant_id = $1 AND o.id = $2 AND o.status <> 'closed'
     FOR SHARE OF o"
}

statement! {
    /// Staff of an organization work at every location below it, so an assignment at any organization
    /// above counts, unless it has ended.
    struct WorksAt {
        tenant: TenantId => Uuid,
        user: UserId => Uuid,
        organization: OrganizationId => Uuid,
        now: DateTime<Utc> => Timestamptz,
    }
    "WITH RECURSIVE above AS (
         SELECT o.id, o.parent_id FROM tenancy.organizations o WHERE o.tenant_id = $1 AND o.id = $3
         UNION
         SELECT o.id, o.parent_id FROM tenancy.organizations o
         JOIN above ON o.tenant_id = $1 AND o.id = above.parent_id)
     SELECT EXISTS (SELECT FROM rbac.assignments a JOIN above ON above.id = a.organization_id
                    WHERE a.tenant_id = $1 AND a.user_id = $2
                      AND (a.expires_at IS NULL OR a.expires_at > $4)) AS works"
}

#[derive(QueryableByName)]
struct WorksRow {
    #[diesel(sql_type = Bool)]
    works: bool,
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(super) struct NewRow {
    tenant_id: TenantId,
    id: EventId,
    organization_id: OrganizationId,
    kind: String,
    template_id: Option<TemplateId>,
    series_id: Option<SeriesId>,
    occurrence_on: Option<chrono::NaiveDate>,
    name: String,
    staff_user_id: Option<UserId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    spots_total: i32,
    room_id: Option<RoomId>,
    location: String,
    allow_cross_location_booking: bool,
    status: String,
    external_uid: Option<String>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl NewRow {
    pub(super) fn of(tenant: TenantId, event: &Event, at: DateTime<Utc>) -> Self {
        Self::known_as(None, tenant, event, at)
    }

    /// An event that was imported from another program's calendar under `key`.
    pub(super) fn known_as(key: Option<String>, tenant: TenantId, event: &Event, at: DateTime<Utc>) -> Self {
        Self {
            tenant_id: tenant,
            id: event.id,
            organization_id: event.organization,
            kind: to_text(event.kind),
            template_id: event.template,
            series_id: event.series.map(|date| date.series),
            occurrence_on: event.series.map(|date| date.on),
            name: event.name.clone(),
            staff_user_id: event.staff,
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            spots_total: column(event.spots.total()),
            room_id: event.room,
            location: event.location.clone(),
            allow_cross_location_booking: event.takes_visitors,
            status: to_text(event.state),
            external_uid: key,
            version: event.version,
            created_at: at,
            updated_at: at,
        }
    }
}

impl EventStore<'_> {
    pub(super) async fn event_read(&mut self, event: EventId) -> StoreResult<Option<Event>> {
        Ok(self.events_read(vec![event]).await?.pop())
    }

    pub(super) async fn events_read(&mut self, events: Vec<EventId>) -> StoreResult<Vec<Event>> {
        let rows: Vec<EventRow> = self.tx.rows(ReadEvents { tenant: self.tenant, events }).await?;
        rows.into_iter().map(EventRow::event).collect()
    }

    /// Adds events, except those whose date their series has already; returns the ids of the added
    /// events.
    pub(super) async fn events_insert(
        &mut self,
        new: &[Event],
        at: DateTime<Utc>,
    ) -> StoreResult<Vec<EventId>> {
        let rows: Vec<NewRow> = new.iter().map(|event| NewRow::of(self.tenant, event, at)).collect();
        self.tx
            .rows(
                diesel::insert_into(events::table)
                    .values(rows)
                    .on_conflict_do_nothing()
                    .returning(events::id),
            )
            .await
    }
}

impl Schedules for EventStore<'_> {
    async fn booking_rules_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<BookingRules>> {
        let row: Option<BookingRulesRow> =
            self.tx.row(ReadBookingRules { tenant: self.tenant, organization }).await?;
        row.map(BookingRulesRow::rules).transpose()
    }

    async fn staff_works_at(&mut self, user: UserId, organization: OrganizationId) -> StoreResult<bool> {
        let (tenant, now) = (self.tenant, self.now);
        let row: Option<WorksRow> = self.tx.row(WorksAt { tenant, user, organization, now }).await?;
        Ok(row.is_some_and(|row| row.works))
    }

    async fn event_open(&mut self, event: EventId) -> StoreResult<Option<Event>> {
        self.event_lock(event);
        self.event_read(event).await
    }

    async fn event_insert(&mut self, event: &Event, at: DateTime<Utc>) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(events::table).values(NewRow::of(self.tenant, event, at)));
        Ok(())
    }

    async fn event_update(
        &mut self,
        event: &Event,
        reason: Option<&str>,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        use events::dsl;
        let one = dsl::events.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(event.id));
        self.tx.defer(
            diesel::update(one).set((
                dsl::series_id.eq(event.series.map(|date| date.series)),
                dsl::name.eq(event.name.clone()),
                dsl::staff_user_id.eq(event.staff),
                dsl::starts_at.eq(event.starts_at),
                dsl::ends_at.eq(event.ends_at),
                dsl::spots_total.eq(column(event.spots.total())),
                dsl::room_id.eq(event.room),
                dsl::location.eq(event.location.clone()),
                dsl::allow_cross_location_booking.eq(event.takes_visitors),
                dsl::status.eq(to_text(event.state)),
                dsl::status_reason
                    .eq((event.state == EventState::Canceled).then(|| reason.map(str::to_owned)).flatten()),
                dsl::reminded_at.eq(event.reminded_at),
                dsl::version.eq(event.version),
                dsl::updated_at.eq(at),
            )),
        );
        Ok(())
    }
}
