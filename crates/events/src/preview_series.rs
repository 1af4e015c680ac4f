//! Staff look at the dates of a series before they create it. Nothing is stored.

use crate::{
    NewSeries, Schedules, Templates, UseCaseError,
    create_event::{check_staff, open_template},
    create_series::COMMAND,
    permission::CreateEvent,
    series::{Occurrence, Schedule},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Journal;
use tryzore_rbac::Permit;

/// The highest number of starts in one preview: more than a year of a weekly class, so that both clock
/// changes are included.
pub const MAX_STARTS: u8 = 60;

/// The next starts of a series that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesPreview {
    /// The schedule, with its zone.
    pub schedule: Schedule,
    /// The next starts, in order; fewer than requested when the rule ends before.
    pub starts: Vec<Occurrence>,
}

/// The next `count` starts of `new` after `now`; `count` is 1 to [`MAX_STARTS`]. The template and the
/// leader are checked as when the series is created.
///
/// # Errors
/// [`UseCaseError::Invalid`] with each invalid field; [`UseCaseError::NotFound`] or
/// [`UseCaseError::Denied`] at a location that the permit does not reach.
pub async fn preview_series<T: Schedules + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: NewSeries,
    count: u8,
    now: DateTime<Utc>,
) -> Result<SeriesPreview, UseCaseError> {
    let organization = new.organization;
    permit.require_at(organization, "organization")?;
    if !(1..=MAX_STARTS).contains(&count) {
        return Err(UseCaseError::invalid("count", format!("expected 1 to {MAX_STARTS}")));
    }
    let rules = tx.booking_rules_find(organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    open_template(tx, COMMAND, organization, new.offer.template).await?;
    check_staff(tx, new.offer.staff, organization).await?;
    // The duration does not affect the starts, so the longest one is used.
    let schedule = new.dates.schedule(&rules, Schedule::MAX_MINUTES)?;
    let starts = schedule.upcoming(now).take(count.into()).collect();
    Ok(SeriesPreview { schedule, starts })
}
