//! Counted attempts. The first lookup creates the row, so that two transactions never both find none; the
//! row is deleted when nothing is left to count.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Binary, Integer, Nullable, Timestamptz},
};
use tryzore_auth::{LoginAttempts, Throttle, ThrottleKey};
use tryzore_kernel::StoreResult;
use tryzore_postgres::{column::corrupt, scopes::Scope, statement};
use tryzore_schema::identity::throttles;

statement! {
    /// An upsert that changes nothing locks the row whether or not it existed before.
    struct LockThrottle { key: Vec<u8> => Binary }
    "INSERT INTO identity.throttles AS t (key, failures, lockouts) VALUES ($1, 0, 0)
     ON CONFLICT (key) DO UPDATE SET failures = t.failures
     RETURNING t.failures, t.since, t.lockouts, t.locked_until, t.last_at"
}

statement! {
    struct ReadThrottle { key: Vec<u8> => Binary }
    "SELECT t.failures, t.since, t.lockouts, t.locked_until, t.last_at FROM identity.throttles t WHERE t.key = $1"
}

#[derive(QueryableByName, AsChangeset)]
#[diesel(table_name = throttles, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
struct ThrottleRow {
    #[diesel(sql_type = Integer)]
    failures: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    lockouts: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    locked_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
}

impl ThrottleRow {
    fn throttle(self) -> StoreResult<Throttle> {
        let count = |number: i32| u32::try_from(number).map_err(|_| corrupt("throttles.failures"));
        Ok(Throttle {
            failures: count(self.failures)?,
            since: self.since,
            lockouts: count(self.lockouts)?,
            locked_until: self.locked_until,
            last_at: self.last_at,
        })
    }
}

impl<S: Scope> LoginAttempts for AuthStore<'_, S> {
    async fn throttle_lock(&mut self, key: &ThrottleKey) -> StoreResult<Throttle> {
        let row: Option<ThrottleRow> = self.tx.row(LockThrottle { key: key.as_bytes().to_vec() }).await?;
        row.ok_or_else(|| corrupt("throttles"))?.throttle()
    }

    async fn throttle_find(&mut self, key: &ThrottleKey) -> StoreResult<Throttle> {
        let row: Option<ThrottleRow> = self.tx.row(ReadThrottle { key: key.as_bytes().to_vec() }).await?;
        row.map_or(Ok(Throttle::default()), ThrottleRow::throttle)
    }

    async fn throttle_save(&mut self, key: &ThrottleKey, throttle: &Throttle) -> StoreResult<()> {
        let one = throttles::table.find(key.as_bytes().to_vec());
        if *throttle == Throttle::default() {
            self.tx.defer(diesel::delete(one));
            return Ok(());
        }
        let row = ThrottleRow {
            failures: i32::try_from(throttle.failures).unwrap_or(i32::MAX),
            since: throttle.since,
            lockouts: i32::try_from(throttle.lockouts).unwrap_or(i32::MAX),
            locked_until: throttle.locked_until,
            last_at: throttle.last_at,
        };
        self.tx.defer(diesel::update(one).set(row));
        Ok(())
    }
}
