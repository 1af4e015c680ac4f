//! The booking context: one round trip reads it, and a booking is written with the commit.

use super::rows::{BookingClientRow, BookingRow, EventRow};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use tryzore_events::{Booking, BookingContext, BookingState, BookingWithEvent, Bookings, Rank};
use tryzore_kernel::{BookingId, ClientId, EventId, OrganizationId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{count, length, to_text},
    statement,
};
use tryzore_schema::crm::clients;

statement! {
    /// The lock is taken first, by a statement of its own, so that the following reads of the round
    /// trip see what is true under the lock.
    struct LockEvent { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT id FROM events.events WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
}

statement! {
    struct LockEventOf { tenant: TenantId => Uuid, booking: BookingId => Uuid }
    "SELECT e.id FROM events.events e
     WHERE e.tenant_id = $1
       AND e.id = (SELECT b.event_id FROM events.bookings b WHERE b.tenant_id = $1 AND b.id = $2)
     FOR NO KEY UPDATE"
}

statement! {
    struct ReadBookingContext { tenant: TenantId => Uuid, event: EventId => Uuid, user: UserId => Uuid }
    "SELECT e.id, e.organization_id, e.kind, e.template_id, e.series_id, e.occurrence_on, e.name,
            e.staff_user_id, e.starts_at, e.ends_at, e.spots_total, e.spots_booked, e.location, e.status,
            e.allow_cross_location_booking, e.reminded_at, e.room_id, e.version,
            o.status <> 'closed' AS location_is_open, o.time_zone, o.currency,
            s.cancellation_window_hours, s.checkin_window_minutes_before,
            s.noshow_fee_minor, s.late_cancel_fee_minor, s.drop_in_price_minor,
            s.reservation_open_time, s.reservation_close_time,
            s.allow_cross_location_booking AS takes_visitors, s.honor_other_location_memberships,
            c.id AS client_id, c.user_id, c.status AS client_status, c.home_organization_id,
            c.allowed_organization_ids,
            -- Not EXISTS, which without statistics is answered by a hash of all the tenant's bookings.
            coalesce((SELECT true FROM events.bookings b
                      WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status = 'attended'
                      LIMIT 1), false) AS has_attended,
            (SELECT b.id FROM events.bookings b
             WHERE b.tenant_id = $1 AND b.event_id = $2 AND b.client_id = c.id
               AND b.status IN ('booked', 'attended', 'no_show')) AS holds,
            ARRAY(SELECT w.client_id FROM events.waitlist_entries w
                  WHERE w.tenant_id = $1 AND w.event_id = $2 AND w.status = 'waiting'
                  ORDER BY w.place) AS waitlist
     FROM events.events e
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
     JOIN crm.clients c ON c.tenant_id = $1 AND c.user_id = $3
     WHERE e.tenant_id = $1 AND e.id = $2"
}

statement! {
    /// One statement inserts the booking and takes its spot: neither happens without the other.
    struct InsertBooking {
        tenant: TenantId => Uuid,
        id: BookingId => Uuid,
        event: EventId => Uuid,
        client: ClientId => Uuid,
        user: UserId => Uuid,
        booked_from: OrganizationId => Uuid,
        attended_at: OrganizationId => Uuid,
        first_timer: bool => Bool,
        from_waitlist: bool => Bool,
        price: i64 => BigInt,
        currency: &'static str => Text,
        at: DateTime<Utc> => Timestamptz,
        status: String => Text,
        booked_by: Option<UserId> => Nullable<Uuid>,
    }
    "WITH booking AS (
         INSERT INTO events.bookings
             (tenant_id, id, event_id, client_id, user_id, booking_organization_id, attended_organization_id,
              status, status_at, is_first_timer, from_waitlist, price_minor, currency, created_at,
              booked_by_user_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $13, $12, $8, $9, $10, $11, $12, $14))
     UPDATE events.events SET spots_booked = spots_booked + 1 WHERE tenant_id = $1 AND id = $3"
}

statement! {
    struct MarkPromoted {
        tenant: TenantId => Uuid,
        event: EventId => Uuid,
        client: ClientId => Uuid,
        at: DateTime<Utc> => Timestamptz,
    }
    "UPDATE events.waitlist_entries SET status = 'promoted', status_at = $4
     WHERE tenant_id = $1 AND event_id = $2 AND client_id = $3 AND status = 'waiting'"
}

statement! {
    struct ReadBooking { tenant: TenantId => Uuid, booking: BookingId => Uuid }
    "SELECT b.id, b.event_id, b.client_id, b.user_id, b.booking_organization_id, b.attended_organization_id,
            b.status, b.status_at, b.is_first_timer, b.from_waitlist, b.price_minor, b.fee_minor, b.currency,
            b.excuse, b.created_at, b.booked_by_user_id, b.canceled_by_user_id,
            EXISTS (SELECT FROM events.bookings a
                    WHERE a.tenant_id = $1 AND a.client_id = b.client_id AND a.status = 'attended'
                      AND a.id <> b.id) AS has_attended,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE w.tenant_id = $1 AND w.event_id = b.event_id AND w.status = 'waiting') AS waiting
     FROM events.bookings b
     WHERE b.tenant_id = $1 AND b.id = $2"
}

statement! {
    struct UpdateBooking {
        tenant: TenantId => Uuid,
        id: BookingId => Uuid,
        status: String => Text,
        at: DateTime<Utc> => Timestamptz,
        fee: i64 => BigInt,
        excuse: Option<String> => Nullable<Text>,
        first_timer: bool => Bool,
        canceled_by: Option<UserId> => Nullable<Uuid>,
    }
    "UPDATE events.bookings
     SET status = $3, status_at = $4, fee_minor = $5, excuse = $6, is_first_timer = $7,
         canceled_by_user_id = $8, version = version + 1
     WHERE tenant_id = $1 AND id = $2"
}

statement! {
    struct ShiftSpots { tenant: TenantId => Uuid, event: EventId => Uuid, by: i32 => Integer }
    "UPDATE events.events SET spots_booked = spots_booked + $3 WHERE tenant_id = $1 AND id = $2"
}

/// Everything about an event, its location and one client, in one row.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct BookingContextRow {
    #[diesel(embed)]
    event: EventRow,
    #[diesel(embed)]
    booking_client: BookingClientRow,
    /// The clients who wait, in order: at most `Waitlist::MAX`.
    #[diesel(sql_type = Array<Uuid>)]
    waitlist: Vec<ClientId>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct BookingWithEventRow {
    #[diesel(embed)]
    booking: BookingRow,
    #[diesel(sql_type = Bool)]
    has_attended: bool,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

impl BookingContextRow {
    fn context(
        self,
        current: impl FnOnce(OrganizationId) -> Option<OrganizationId>,
    ) -> StoreResult<BookingContext> {
        let event = self.event.event()?;
        let booking_client = self.booking_client.booking_client(current(event.organization));
        let waiting = length(&self.waitlist);
        let place = self.waitlist.iter().position(|candidate| *candidate == booking_client.client);
        let rank = place.map(|place| Rank { position: length(&self.waitlist[..=place]), of: waiting });
        Ok(BookingContext { event, booking_client, waiting, rank })
    }
}

impl EventStore<'_> {
    /// Locks `event` before the reads that follow.
    pub(super) fn event_lock(&mut self, event: EventId) {
        self.tx.defer(LockEvent { tenant: self.tenant, event });
    }

    async fn booking_context_row(
        &mut self,
        event: EventId,
        user: UserId,
    ) -> StoreResult<Option<BookingContextRow>> {
        self.event_lock(event);
        self.tx.row(ReadBookingContext { tenant: self.tenant, event, user }).await
    }
}

impl Bookings for EventStore<'_> {
    async fn booking_context(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<BookingContext>> {
        let row = self.booking_context_row(event, user).await?;
        row.map(|row| row.context(|_| current)).transpose()
    }

    async fn booking_context_of_client(
        &mut self,
        event: EventId,
        client: ClientId,
    ) -> StoreResult<Option<BookingContext>> {
        let who = clients::table
            .filter(clients::tenant_id.eq(self.tenant))
            .filter(clients::id.eq(client))
            .select(clients::user_id);
        let Some(user) = self.tx.row(who).await? else { return Ok(None) };
        let row = self.booking_context_row(event, user).await?;
        row.map(|row| row.context(Some)).transpose()
    }

    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()> {
        self.tx.defer(InsertBooking {
            tenant: self.tenant,
            id: booking.id,
            event: booking.event,
            client: booking.client,
            user: booking.user,
            booked_from: booking.booked_from,
            attended_at: booking.attended_at,
            first_timer: booking.is_first_timer,
            from_waitlist: booking.from_waitlist,
            price: booking.price.minor,
            currency: booking.price.currency.code(),
            at: booking.created_at,
            status: to_text(booking.state),
            booked_by: booking.booked_by,
        });
        Ok(())
    }

    async fn waitlist_mark_promoted(&mut self, booking: &Booking) -> StoreResult<()> {
        let Booking { event, client, created_at: at, .. } = *booking;
        self.tx.defer(MarkPromoted { tenant: self.tenant, event, client, at });
        Ok(())
    }

    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>> {
        let tenant = self.tenant;
        self.tx.defer(LockEventOf { tenant, booking });
        let row: Option<BookingWithEventRow> = self.tx.row(ReadBooking { tenant, booking }).await?;
        let Some(row) = row else { return Ok(None) };
        let Some(event) = self.event_read(row.booking.event_id).await? else { return Ok(None) };
        let (has_attended, waiting) = (row.has_attended, count(row.waiting));
        Ok(Some(BookingWithEvent { event, booking: row.booking.booking()?, has_attended, waiting }))
    }

    async fn booking_update(&mut self, booking: &Booking, before: BookingState) -> StoreResult<()> {
        let tenant = self.tenant;
        self.tx.defer(UpdateBooking {
            tenant,
            id: booking.id,
            status: to_text(booking.state),
            at: booking.state_at,
            fee: booking.fee.minor,
            excuse: booking.excuse.clone(),
            first_timer: booking.is_first_timer,
            canceled_by: booking.canceled_by,
        });
        let by = i32::from(booking.state.holds_spot()) - i32::from(before.holds_spot());
        if by != 0 {
            self.tx.defer(ShiftSpots { tenant, event: booking.event, by });
        }
        Ok(())
    }
}
