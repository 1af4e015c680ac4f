//! Up to where the events of providers were read, and what was read of them.

use super::{inbox::ArrivalRow, job};
use crate::PlatformStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_kernel::{StoreResult, WebhookId};
use tryzore_platform::{
    Delivery,
    catch_up::{Cursor, Cursors},
};
use tryzore_postgres::{runtime::Enqueue, scopes::AllTenants};
use tryzore_schema::webhooks::{cursors, deliveries};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cursors, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct CursorRow {
    cursor: Option<String>,
    moved_at: DateTime<Utc>,
    read_at: DateTime<Utc>,
}

impl CursorRow {
    fn of(cursor: &Cursor) -> Self {
        Self { cursor: cursor.event.clone(), moved_at: cursor.moved_at, read_at: cursor.read_at }
    }
}

impl PlatformStore<'_, AllTenants> {
    /// The cursor of `provider`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cursor_find(&mut self, provider: &str) -> StoreResult<Option<Cursor>> {
        let query = cursors::table.find(provider.to_owned()).select(CursorRow::as_select());
        Ok(self.tx.row(query).await?.map(CursorRow::into))
    }
}

impl From<CursorRow> for Cursor {
    fn from(row: CursorRow) -> Self {
        Self { event: row.cursor, moved_at: row.moved_at, read_at: row.read_at }
    }
}

impl Cursors for PlatformStore<'_, AllTenants> {
    async fn cursor_lock(&mut self, provider: &str) -> StoreResult<Option<Cursor>> {
        let query = cursors::table.find(provider.to_owned()).select(CursorRow::as_select());
        Ok(self.tx.row(query.for_no_key_update()).await?.map(CursorRow::into))
    }

    async fn cursor_save(&mut self, provider: &str, cursor: &Cursor) -> StoreResult<()> {
        let row = (cursors::provider.eq(provider.to_owned()), CursorRow::of(cursor));
        let insert = diesel::insert_into(cursors::table).values(row);
        self.tx.defer(insert.on_conflict(cursors::provider).do_update().set(CursorRow::of(cursor)));
        Ok(())
    }

    async fn deliveries_insert(&mut self, all: &[Delivery]) -> StoreResult<Vec<WebhookId>> {
        let rows: Vec<ArrivalRow> = all.iter().map(ArrivalRow::of).collect();
        let insert = diesel::insert_into(deliveries::table).values(rows);
        let added: Vec<WebhookId> =
            self.tx.rows(insert.on_conflict_do_nothing().returning(deliveries::id)).await?;
        for delivery in &added {
            self.job_enqueue(job(*delivery, false));
        }
        Ok(added)
    }
}
