//! Imports from calendars of other programs.

use super::{schedule::NewRow, series::SeriesRow};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Text, Uuid},
};
use tryzore_events::{Calendars, Event, SeriesPlan};
use tryzore_kernel::{OrganizationId, StoreResult, TenantId};
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
