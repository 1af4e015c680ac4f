//! Staff look at the dates of a series before they make it. Nothing is kept.

use crate::{
    NewSeries, Schedules, Templates, UseCaseError,
    create_event::{check_staff, open_template},
    permission::CreateEvent,
    series::{Occurrence, Schedule},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Journal;
use tryzore_rbac::Permit;

/// The most starts that one preview shows: more than a year of a weekly class, so that both changes
/// of the clock are in it.
pub const MAX_STARTS: u8 = 60;

/// The next starts of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesPreview {
    /// The schedule, with its zone.
    pub schedule: Schedule,
    /// Its next starts, in order; fewer than were asked for when the rule ends before.
    pub starts: Vec<Occurrence>,
}

/// The next `count` starts after `now` of `new`; 1 to [`MAX_STARTS`]. What it is made from and who leads
/// it are checked as when it is made.
///
/// # Errors
/// [`UseCaseError::Invalid`] with each field that does not hold; [`UseCaseError::NotFound`] or
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
    open_template(tx, organization, new.offer.template).await?;
    check_staff(tx, new.offer.staff, organization).await?;
    // How long they last moves no start.
    let schedule = new.dates.schedule(&rules, Schedule::MAX_MINUTES)?;
    let starts = schedule.upcoming(now).take(count.into()).collect();
    Ok(SeriesPreview { schedule, starts })
}
