//! Staff put a series on the schedule; the worker creates its events eight weeks ahead.

use crate::{
    BookingRules, Event, NewOffer, Rule, Schedules, SeriesPlan, SeriesPlans, Templates, UseCaseError,
    create_event::complete,
    domain_event::{EventChanged, Scheduled, SeriesChanged, SeriesExtended},
    permission::CreateEvent,
    series::{Schedule, ScheduleFields, Series},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeSet, HashSet};
use tryzore_kernel::{AuditEntry, Command, Journal, OrganizationId, SeriesId, StoreResult};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("series.create").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// A series that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// The location where the events take place.
    pub organization: OrganizationId,
    /// What the events offer.
    pub offer: NewOffer,
    /// When the events start.
    pub dates: SeriesDates,
}

/// When the events of a series are to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesDates {
    /// The recurrence rule.
    pub rule: Rule,
    /// The first local date on which an event may be.
    pub starts_on: NaiveDate,
    /// The local time at which the events start.
    pub local_time: NaiveTime,
    /// The zone of that local time; none means the zone of the location.
    pub zone: Option<Tz>,
    /// Local dates on which the rule makes no event.
    pub exdates: BTreeSet<NaiveDate>,
}

impl SeriesDates {
    /// The schedule of events that last `duration_minutes`, in the zone of `rules` unless these dates
    /// name one.
    ///
    /// # Errors
    /// [`UseCaseError::Invalid`] with each invalid field.
    pub fn schedule(self, rules: &BookingRules, duration_minutes: u16) -> Result<Schedule, UseCaseError> {
        let zone = self.zone.unwrap_or(rules.zone);
        let schedule = Schedule::try_new(ScheduleFields {
            zone,
            rule: self.rule.resolve(zone, self.local_time)?,
            starts_on: self.starts_on,
            local_time: self.local_time,
            duration_minutes,
            exdates: self.exdates,
        })?;
        Ok(schedule)
    }
}

/// Creates a series and its events for the next eight weeks. Returns the series and the number of
/// events.
///
/// # Errors
/// [`UseCaseError::Invalid`] with each invalid field; [`UseCaseError::NotFound`] or
/// [`UseCaseError::Denied`] at a location that the permit does not reach;
/// `events.create.template_archived`.
pub async fn create_series<T: Schedules + SeriesPlans + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: NewSeries,
    now: DateTime<Utc>,
) -> Result<(SeriesPlan, u32), UseCaseError> {
    permit.require_at(new.organization, "organization")?;
    let rules =
        tx.booking_rules_find(new.organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let template = new.offer.template;
    let (kind, offer) = complete(tx, COMMAND, new.organization, new.offer).await?;
    let schedule = new.dates.schedule(&rules, offer.duration_minutes)?;
    let series = Series { id: SeriesId::generate(now), organization: new.organization, template, schedule };
    let plan = SeriesPlan { series, kind, offer, is_ended: false, materialized_until: None, version: 1 };
    let (plan, events) = plan.extend(&rules, now);
    tx.series_insert(&plan, now).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: plan.series.id.uuid(),
        subject: None,
        organizations: vec![new.organization],
        details: serde_json::json!({ "name": plan.offer.name, "rule": plan.fields().rule }),
    });
    let made = make(tx, &plan, &events, now).await?;
    Ok((plan, made))
}

/// Creates the events of `series` up to eight weeks ahead that do not exist yet. Returns how many.
/// Calling it again creates none.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not
/// reach.
pub async fn extend_series<T: Schedules + SeriesPlans + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    series: SeriesId,
    now: DateTime<Utc>,
) -> Result<u32, UseCaseError> {
    let before = tx.series_open(series).await?.ok_or(UseCaseError::NotFound("series"))?;
    let organization = before.series.organization;
    permit.require_at(organization, "series")?;
    let Some(rules) = tx.booking_rules_find(organization).await? else { return Ok(0) };
    let (after, events) = before.clone().extend(&rules, now);
    if after == before {
        return Ok(0);
    }
    tx.series_update(&after, now).await?;
    Ok(make(tx, &after, &events, now).await?)
}

async fn make<T: SeriesPlans + Journal>(
    tx: &mut T,
    plan: &SeriesPlan,
    events: &[Event],
    now: DateTime<Utc>,
) -> StoreResult<u32> {
    if events.is_empty() {
        return Ok(0);
    }
    let made: HashSet<_> = tx.occurrences_insert(events, now).await?.into_iter().collect();
    for event in events.iter().filter(|event| made.contains(&event.id)) {
        tx.event_publish(Scheduled(EventChanged::of(event)).published(now));
    }
    let count = u32::try_from(made.len()).unwrap_or(u32::MAX);
    tell_extended(tx, plan, count, now);
    Ok(count)
}

/// Publishes that `plan` has `events` more events.
pub(crate) fn tell_extended(journal: &mut impl Journal, plan: &SeriesPlan, events: u32, now: DateTime<Utc>) {
    let on = plan.materialized_until.unwrap_or_else(|| now.date_naive());
    let Series { id, organization, .. } = plan.series;
    let changed = SeriesChanged { series: id, organization, on, events };
    journal.event_publish(SeriesExtended(changed).published(now));
}
