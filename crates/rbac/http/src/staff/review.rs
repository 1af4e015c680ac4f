//! What the reports about access have in common.

use chrono::NaiveDate;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::usage::{UNUSED_DAYS, UNUSED_DAYS_DEFAULT};

/// The number of days after which a permission is unused.
pub(super) fn days(asked: Option<u32>) -> Result<u32, Problem> {
    let days = asked.unwrap_or(UNUSED_DAYS_DEFAULT);
    let is_fit = UNUSED_DAYS.contains(&days);
    if is_fit { Ok(days) } else { Err(Problem::invalid("unused_days", "expected a number from 1 to 730")) }
}

/// The day on which the report is made.
pub(super) fn today(db: &Db) -> NaiveDate {
    db.clock().now().date_naive()
}
