//! The desk: one flight to open it, and a booking that leaves with the commit.

use super::rows::DeskRow;
use crate::{TenantTx, statement};
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid};
use tryzore_events::{Booking, Desk, Desks};
use tryzore_kernel::{BookingId, ClientId, EventId, OrganizationId, StoreResult, TenantId, UserId};

statement! {
    /// The lock is taken first, by itself: what follows in the flight reads what is true under it.
    struct LockEvent { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT id FROM events.events WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
}

statement! {
    struct ReadDesk { tenant: TenantId => Uuid, event: EventId => Uuid, user: UserId => Uuid }
    "SELECT e.id, e.organization_id, e.kind, e.name, e.staff_user_id, e.starts_at, e.ends_at,
            e.spots_total, e.spots_booked, e.status, e.allow_cross_location_booking,
            o.time_zone, o.currency,
            s.cancellation_window_hours, s.checkin_window_minutes_before,
            s.noshow_fee_minor, s.late_cancel_fee_minor, s.drop_in_price_minor,
            s.reservation_open_time, s.reservation_close_time,
            s.allow_cross_location_booking AS takes_visitors, s.honor_other_location_memberships,
            c.id AS client_id, c.user_id, c.status AS client_status, c.home_organization_id,
            c.allowed_organization_ids,
            EXISTS (SELECT FROM events.bookings b
                    WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status = 'attended') AS has_attended,
            (SELECT b.id FROM events.bookings b
             WHERE b.tenant_id = $1 AND b.event_id = $2 AND b.client_id = c.id
               AND b.status IN ('booked', 'attended', 'no_show')) AS holds,
            (SELECT count(*) FROM events.waitlist_entries w
             WHERE w.tenant_id = $1 AND w.event_id = $2 AND w.status = 'waiting') AS waiting
     FROM events.events e
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
     JOIN crm.clients c ON c.tenant_id = $1 AND c.user_id = $3
     WHERE e.tenant_id = $1 AND e.id = $2"
}

statement! {
    /// The booking and its spot are one statement: neither exists without the other.
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
        at: chrono::DateTime<chrono::Utc> => Timestamptz,
    }
    "WITH booking AS (
         INSERT INTO events.bookings
             (tenant_id, id, event_id, client_id, user_id, booking_organization_id, attended_organization_id,
              status, status_at, is_first_timer, from_waitlist, price_minor, currency, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'booked', $12, $8, $9, $10, $11, $12))
     UPDATE events.events SET spots_booked = spots_booked + 1 WHERE tenant_id = $1 AND id = $3"
}

impl Desks for TenantTx {
    async fn desk_open(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<Desk>> {
        let tenant = self.tenant;
        self.tx.defer(LockEvent { tenant, event });
        let row: Option<DeskRow> = self.tx.row(ReadDesk { tenant, event, user }).await?;
        row.map(|row| row.desk(current)).transpose()
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
        });
        Ok(())
    }
}
