//! Imports from calendars of other programs.

use super::{schedule::NewRow, series::SeriesRow};
use crate::EventStore;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Bool, Date, Text, Uuid},
};
use std::collections::HashMap;
use tryzore_events::{Calendars, Event, ImportedDate, SeriesDate, SeriesPlan};
use tryzore_kernel::{EventId, OrganizationId, SeriesId, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_schema::events::{events, series};

// A row has nineteen columns, and one statement takes at most 65,535 binds.
const ROWS: usize = 1_000;

statement! {
    /// Allows one import at a time for each location, so that a second import sees what the first has
    /// stored.
    struct LockImports { organization: String => Text }
    "SELECT pg_advisory_xact_lock(hashtextextended('events.calendar:' || $1, 0))"
}

statement! {
    struct ReadKnown {
        tenant: TenantId => Uuid,
        organization: OrganizationId => Uuid,
        keys: Vec<String> => Array<Text>,
    }
    "SELECT s.external_uid AS key FROM events.series s
     WHERE s.tenant_id = $1 AND s.organization_id = $2 AND s.external_uid = ANY($3)
     UNION
     SELECT e.external_uid AS key FROM events.events e
     WHERE e.tenant_id = $1 AND e.organization_id = $2 AND e.external_uid IS NOT NULL
       AND (e.external_uid = ANY($3) OR split_part(e.external_uid, ';RECURRENCE-ID=', 1) = ANY($3))"
}

statement! {
    /// Locks in the order of the ids, so that two transactions that lock several events can't deadlock.
    struct LockDates {
        tenant: TenantId => Uuid,
        series: Vec<SeriesId> => Array<Uuid>,
        dates: Vec<NaiveDate> => Array<Date>,
    }
    "SELECT id FROM events.events
     WHERE tenant_id = $1
       AND (series_id, occurrence_on) IN (SELECT s, d FROM unnest($2::uuid[], $3::date[]) AS wanted(s, d))
     ORDER BY id FOR NO KEY UPDATE"
}

statement! {
    /// A statement of its own: it sees what was booked until the events were locked.
    struct ReadDates {
        tenant: TenantId => Uuid,
        series: Vec<SeriesId> => Array<Uuid>,
        dates: Vec<NaiveDate> => Array<Date>,
    }
    "SELECT e.id,
            EXISTS (SELECT FROM events.bookings b WHERE b.tenant_id = $1 AND b.event_id = e.id)
            OR EXISTS (SELECT FROM events.waitlist_entries w
                       WHERE w.tenant_id = $1 AND w.event_id = e.id AND w.status = 'waiting') AS has_clients
     FROM events.events e
     WHERE e.tenant_id = $1
       AND (e.series_id, e.occurrence_on) IN (SELECT s, d FROM unnest($2::uuid[], $3::date[]) AS wanted(s, d))"
}

#[derive(QueryableByName)]
struct DateRow {
    #[diesel(sql_type = Uuid)]
    id: EventId,
    #[diesel(sql_type = Bool)]
    has_clients: bool,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Text)]
    key: String,
}

impl Calendars for EventStore<'_> {
    async fn imports_known(
        &mut self,
        organization: OrganizationId,
        keys: Vec<String>,
    ) -> StoreResult<Vec<String>> {
        self.tx.defer(LockImports { organization: organization.to_string() });
        let read = ReadKnown { tenant: self.tenant, organization, keys };
        let rows: Vec<KeyRow> = self.tx.rows(read).await?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }

    async fn imported_series(
        &mut self,
        organization: OrganizationId,
        keys: Vec<String>,
    ) -> StoreResult<Vec<(String, SeriesPlan)>> {
        let rows: Vec<(String, SeriesRow)> = self
            .tx
            .rows(
                series::table
                    .filter(series::tenant_id.eq(self.tenant))
                    .filter(series::organization_id.eq(organization))
                    .filter(series::external_uid.eq_any(keys))
                    .order(series::id)
                    .select((series::external_uid.assume_not_null(), SeriesRow::as_select()))
                    .for_no_key_update(),
            )
            .await?;
        rows.into_iter().map(|(key, row)| Ok((key, row.plan()?))).collect()
    }

    async fn imported_dates(&mut self, dates: Vec<SeriesDate>) -> StoreResult<Vec<ImportedDate>> {
        let (series, dates): (Vec<_>, Vec<_>) = dates.into_iter().map(|date| (date.series, date.on)).unzip();
        let tenant = self.tenant;
        self.tx.defer(LockDates { tenant, series: series.clone(), dates: dates.clone() });
        let rows: Vec<DateRow> = self.tx.rows(ReadDates { tenant, series, dates }).await?;
        let clients: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row.has_clients)).collect();
        let events = self.events_read(clients.keys().copied().collect()).await?;
        let date = |event: Event| ImportedDate {
            has_clients: clients.get(&event.id).is_some_and(|has_clients| *has_clients),
            event,
        };
        Ok(events.into_iter().map(date).collect())
    }

    async fn import_series(&mut self, plan: &SeriesPlan, key: &str, at: DateTime<Utc>) -> StoreResult<()> {
        let own = (
            series::tenant_id.eq(self.tenant),
            series::external_uid.eq(key.to_owned()),
            series::created_at.eq(at),
            series::updated_at.eq(at),
        );
        self.tx.defer(diesel::insert_into(series::table).values((SeriesRow::of(plan), own)));
        Ok(())
    }

    async fn import_events(
        &mut self,
        all: Vec<(Event, Option<String>)>,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        for some in all.chunks(ROWS) {
            let row = |(event, key): &(Event, Option<String>)| {
                NewRow::known_as(key.clone(), self.tenant, event, at)
            };
            let rows: Vec<NewRow> = some.iter().map(row).collect();
            self.tx.defer(diesel::insert_into(events::table).values(rows));
        }
        Ok(())
    }
}
