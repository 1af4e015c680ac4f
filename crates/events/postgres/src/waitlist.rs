//! The port for the waitlist: it is read and changed under the event's lock, so two clients can't get
//! the same place.

use super::rows::{BookingClientRow, EntryRow};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid},
};
use tryzore_events::{Waitlist, WaitlistCandidate, WaitlistEntry, Waitlists};
use tryzore_kernel::{ClientId, EventId, OrganizationId, StoreResult, TenantId, UserId, WaitlistEntryId};
use tryzore_postgres::statement;
use tryzore_schema::events::waitlist_entries;

statement! {
    struct ReadCandidates { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT w.id AS entry_id, w.event_id, w.client_id, w.user_id, w.current_organization_id, w.added_at,
            w.added_by_user_id, w.passed_over, c.status AS client_status, c.home_organization_id, c.allowed_organization_ids,
            EXISTS (SELECT FROM events.bookings b
                    WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status = 'attended') AS has_attended,
            (SELECT b.id FROM events.bookings b
             WHERE b.tenant_id = $1 AND b.event_id = $2 AND b.client_id = c.id
               AND b.status IN ('booked', 'attended', 'no_show')) AS holds
     FROM events.waitlist_entries w
     JOIN crm.clients c ON c.tenant_id = $1 AND c.id = w.client_id
     WHERE w.tenant_id = $1 AND w.event_id = $2 AND w.status = 'waiting'
     ORDER BY w.place"
}

statement! {
    struct InsertWaitlistEntry {
        tenant: TenantId => Uuid,
        event: EventId => Uuid,
        id: WaitlistEntryId => Uuid,
        client: ClientId => Uuid,
        user: UserId => Uuid,
        current: Option<OrganizationId> => Nullable<Uuid>,
        at: DateTime<Utc> => Timestamptz,
        added_by: Option<UserId> => Nullable<Uuid>,
    }
    "INSERT INTO events.waitlist_entries
         (tenant_id, event_id, place, id, client_id, user_id, current_organization_id, status, added_at, status_at,
          added_by_user_id)
     SELECT $1, $2, coalesce(max(w.place), 0) + 1, $3, $4, $5, $6, 'waiting', $7, $7, $8
     FROM events.waitlist_entries w WHERE w.tenant_id = $1 AND w.event_id = $2"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct WaitlistCandidateRow {
    #[diesel(embed)]
    entry: EntryRow,
    #[diesel(embed)]
    booking_client: BookingClientRow,
    #[diesel(sql_type = Nullable<Text>)]
    passed_over: Option<String>,
}

impl Waitlists for EventStore<'_> {
    async fn waitlist_open(&mut self, event: EventId) -> StoreResult<Option<Waitlist>> {
        let tenant = self.tenant;
        self.event_lock(event);
        let rows: Vec<WaitlistCandidateRow> = self.tx.rows(ReadCandidates { tenant, event }).await?;
        let candidates = rows.into_iter().map(|row| {
            let entry = row.entry.entry();
            let booking_client = row.booking_client.booking_client(entry.current);
            WaitlistCandidate { entry, booking_client, passed_over: row.passed_over }
        });
        let candidates = candidates.collect();
        Ok(self.event_read(event).await?.map(|event| Waitlist { event, candidates }))
    }

    async fn waitlist_entry_insert(&mut self, entry: &WaitlistEntry) -> StoreResult<()> {
        self.tx.defer(InsertWaitlistEntry {
            tenant: self.tenant,
            event: entry.event,
            id: entry.id,
            client: entry.client,
            user: entry.user,
            current: entry.current,
            at: entry.added_at,
            added_by: entry.added_by,
        });
        Ok(())
    }

    async fn waitlist_entry_remove(
        &mut self,
        event: EventId,
        entry: WaitlistEntryId,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        use waitlist_entries::dsl;
        let one = dsl::waitlist_entries
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::event_id.eq(event))
            .filter(dsl::id.eq(entry))
            .filter(dsl::status.eq("waiting"));
        self.tx.defer(diesel::update(one).set((dsl::status.eq("left"), dsl::status_at.eq(at))));
        Ok(())
    }

    async fn waitlist_entry_pass_over(
        &mut self,
        event: EventId,
        entry: WaitlistEntryId,
        code: &str,
    ) -> StoreResult<()> {
        use waitlist_entries::dsl;
        let one = dsl::waitlist_entries
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::event_id.eq(event))
            .filter(dsl::id.eq(entry));
        self.tx.defer(diesel::update(one).set(dsl::passed_over.eq(code.to_owned())));
        Ok(())
    }

    async fn waitlist_expire(&mut self, event: EventId, at: DateTime<Utc>) -> StoreResult<()> {
        use waitlist_entries::dsl;
        let all = dsl::waitlist_entries
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::event_id.eq(event))
            .filter(dsl::status.eq("waiting"));
        self.tx.defer(diesel::update(all).set((dsl::status.eq("expired"), dsl::status_at.eq(at))));
        Ok(())
    }
}
