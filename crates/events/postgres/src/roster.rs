//! Everyone with a booking or a place on the waitlist of an event, and changes of all bookings at once.

use super::rows::{BookingRow, EntryRow};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid};
use tryzore_events::{BookingState, Roster, Rosters};
use tryzore_kernel::{EventId, Money, StoreResult, TenantId};
use tryzore_postgres::{column::to_text, statement};

statement! {
    struct ReadRoster { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT b.id, b.event_id, b.client_id, b.user_id, b.booking_organization_id, b.attended_organization_id,
            b.status, b.status_at, b.is_first_timer, b.from_waitlist, b.price_minor, b.fee_minor, b.currency,
            b.excuse, b.created_at, b.booked_by_user_id, b.canceled_by_user_id
     FROM events.bookings b
     WHERE b.tenant_id = $1 AND b.event_id = $2
       AND (b.status IN ('booked', 'attended', 'no_show') OR b.fee_minor > 0)
     ORDER BY b.created_at, b.id"
}

statement! {
    struct ReadEntries { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT w.id AS entry_id, w.event_id, w.client_id, w.user_id, w.current_organization_id, w.added_at,
            w.added_by_user_id
     FROM events.waitlist_entries w
     WHERE w.tenant_id = $1 AND w.event_id = $2 AND w.status = 'waiting'
     ORDER BY w.place"
}

statement! {
    /// One statement changes the bookings and the count of booked spots.
    struct MoveBookings {
        tenant: TenantId => Uuid,
        event: EventId => Uuid,
        from: Vec<String> => Array<Text>,
        to: String => Text,
        fee: i64 => BigInt,
        at: DateTime<Utc> => Timestamptz,
        holds_spot: bool => Bool,
    }
    "WITH moved AS (
         UPDATE events.bookings b
         SET status = $4, status_at = $6, fee_minor = $5, version = b.version + 1
         FROM events.bookings old
         WHERE b.tenant_id = $1 AND b.event_id = $2 AND b.status = ANY($3)
           AND old.tenant_id = $1 AND old.event_id = $2 AND old.id = b.id
         RETURNING old.status IN ('booked', 'attended', 'no_show') AS held)
     UPDATE events.events
     SET spots_booked = spots_booked + (SELECT coalesce(sum($7::int - held::int), 0) FROM moved)
     WHERE tenant_id = $1 AND id = $2"
}

impl Rosters for EventStore<'_> {
    async fn roster_open(&mut self, event: EventId) -> StoreResult<Option<Roster>> {
        let tenant = self.tenant;
        self.event_lock(event);
        let bookings: Vec<BookingRow> = self.tx.rows(ReadRoster { tenant, event }).await?;
        let bookings = bookings.into_iter().map(BookingRow::booking).collect::<StoreResult<Vec<_>>>()?;
        let waiting: Vec<EntryRow> = self.tx.rows(ReadEntries { tenant, event }).await?;
        let waiting = waiting.into_iter().map(EntryRow::entry).collect();
        Ok(self.event_read(event).await?.map(|event| Roster { event, bookings, waiting }))
    }

    async fn bookings_move(
        &mut self,
        event: EventId,
        from: &[BookingState],
        to: BookingState,
        fee: Money,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.tx.defer(MoveBookings {
            tenant: self.tenant,
            event,
            from: from.iter().map(to_text).collect(),
            to: to_text(to),
            fee: fee.minor,
            at,
            holds_spot: to.holds_spot(),
        });
        Ok(())
    }
}
