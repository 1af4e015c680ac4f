//! Staff import the schedule from another program, as the calendar file that it exports.
//!
//! A series of the file becomes a series, a single entry becomes an event. An entry is identified by
//! its UID, and the change of one date of a series by its UID and that date. What was imported earlier
//! stays as it is, because staff may have changed it since; importing the same file again changes
//! nothing. A change of one date that was refused earlier, or that came later than its series, is made
//! when it can be. The report accounts for every entry of the file: it was imported, it was there
//! already, or it was refused with each reason.
//!
//! **Three steps.** [`calendar_facts`] reads what an import depends on,
//! [`plan_calendar()`](crate::plan_calendar()) turns the entries into events, and [`import_calendar`]
//! stores them. The second step takes long for a large file and needs no store, so it is run outside of
//! any transaction; the third step checks that the facts still hold.
//!
//! **Invariant:** `read = created_series + created_events + changed_dates + unchanged + refused`.

use crate::{
    BookingRules, CalendarPlan, CalendarReport, Calendars, Event, EventState, NewOffer, Schedules,
    SeriesPlans, Template, Templates, UseCaseError,
    calendar::{Adopted, CalendarEntry, CalendarImport, Change, KnownSeries},
    create_event::{check_staff, open_template},
    create_series::tell_extended,
    domain_event::{EventCanceled, EventChanged},
    edit_event::tell_changed,
    event::SeriesDate,
    permission::{CancelEvent, CreateEvent, EditEvent},
    plan_calendar::{PlannedChange, count, keys, scheduled},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeSet, HashMap, HashSet};
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, Published};
use tryzore_rbac::{DomainEvent, Permit, Slug};

#[cfg(doc)]
use crate::calendar;

/// This command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("calendar.import").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// A calendar that is to be imported.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCalendar {
    /// The location where the entries take place.
    pub organization: OrganizationId,
    /// The file as [`calendar::read`] read it in the zone of [`calendar_zone`], before the transaction,
    /// because reading a large file takes long.
    pub file: CalendarImport,
    /// Defaults for what the entries don't say. Name and duration always come from the entry, and so
    /// does the room if the entry has one.
    pub defaults: NewOffer,
    /// Whether nothing is stored and only the report is made.
    pub dry_run: bool,
}

/// The zone of `organization`, which applies to times without a zone.
///
/// # Errors
/// [`UseCaseError::NotFound`] or [`UseCaseError::Denied`] at a location that the permit does not reach.
pub async fn calendar_zone<T: Schedules>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    organization: OrganizationId,
) -> Result<Tz, UseCaseError> {
    permit.require_at(organization, "organization")?;
    let rules = tx.booking_rules_find(organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    Ok(rules.zone)
}

/// What an import depends on besides its file.
#[derive(Debug, Clone)]
pub struct CalendarFacts {
    pub(crate) rules: BookingRules,
    pub(crate) template: Option<Template>,
    /// The keys of entries that earlier imports brought.
    pub(crate) known: BTreeSet<String>,
    /// The series that earlier imports brought and that the file changes, by their UIDs.
    pub(crate) series: HashMap<String, KnownSeries>,
}

/// Reads what the import of `new` depends on.
///
/// # Errors
/// [`UseCaseError::Invalid`] with each invalid default; [`UseCaseError::NotFound`] or
/// [`UseCaseError::Denied`] at a location that the permit does not reach;
/// `events.create.template_archived`.
pub async fn calendar_facts<T: Calendars + Schedules + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: &NewCalendar,
) -> Result<CalendarFacts, UseCaseError> {
    let organization = new.organization;
    let (rules, template) = read_terms(permit, tx, organization, &new.defaults).await?;
    // The defaults are checked once here instead of once for each entry.
    let any = NewOffer { name: Some("any".into()), duration_minutes: Some(60), ..new.defaults.clone() };
    any.complete(template.as_ref())?;
    let known = tx.imports_known(organization, keys(&new.file)).await?;
    let mut facts =
        CalendarFacts { rules, template, known: known.into_iter().collect(), series: HashMap::new() };
    let is_changing = |entry: &&CalendarEntry| entry.has_changes() && facts.known.contains(&entry.key.uid);
    let changing: Vec<_> = new.file.entries.iter().filter(is_changing).collect();
    let uids: HashSet<_> = changing.iter().map(|entry| entry.key.uid.clone()).collect();
    facts.series = known_series(permit, tx, organization, uids.into_iter().collect()).await?;
    let dates = changing.iter().filter_map(|entry| Some((entry, facts.series.get(&entry.key.uid)?)));
    let dates = dates.flat_map(|(entry, series)| {
        let series = &series.plan.series;
        entry.changed_dates(series.schedule.zone()).map(|on| SeriesDate { series: series.id, on })
    });
    let dates: HashSet<_> = dates.collect();
    read_dates(tx, &mut facts.series, dates.into_iter().collect()).await?;
    Ok(facts)
}

async fn read_terms<T: Schedules + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    organization: OrganizationId,
    defaults: &NewOffer,
) -> Result<(BookingRules, Option<Template>), UseCaseError> {
    permit.require_at(organization, "organization")?;
    let rules = tx.booking_rules_find(organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let template = open_template(tx, COMMAND, organization, defaults.template).await?;
    check_staff(tx, defaults.staff, organization).await?;
    Ok((rules, template))
}

async fn known_series<T: Calendars>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    organization: OrganizationId,
    uids: Vec<String>,
) -> Result<HashMap<String, KnownSeries>, UseCaseError> {
    if uids.is_empty() {
        return Ok(HashMap::new());
    }
    let (edit, cancel) = (permit.grants().permit::<EditEvent>(), permit.grants().permit::<CancelEvent>());
    let may_cancel = cancel.is_ok_and(|permit| permit.at(organization).is_ok());
    let known = tx.imported_series(organization, uids).await?.into_iter().map(|(uid, plan)| {
        let may_edit =
            edit.as_ref().is_ok_and(|permit| permit.at_for(organization, plan.offer.staff).is_ok());
        (uid, KnownSeries { plan, dates: HashMap::new(), may_edit, may_cancel })
    });
    Ok(known.collect())
}

async fn read_dates<T: Calendars>(
    tx: &mut T,
    series: &mut HashMap<String, KnownSeries>,
    dates: Vec<SeriesDate>,
) -> Result<(), UseCaseError> {
    if dates.is_empty() {
        return Ok(());
    }
    let mut by_id: HashMap<_, _> =
        series.values_mut().map(|known| (known.plan.series.id, &mut known.dates)).collect();
    for there in tx.imported_dates(dates).await? {
        let Some(date) = there.event.series else { continue };
        if let Some(dates) = by_id.get_mut(&date.series) {
            dates.insert(date.on, there);
        }
    }
    Ok(())
}

/// Stores a planned import in one transaction.
///
/// # Errors
/// `events.import.changed` when the facts have changed of which the plan was made, or when an event has
/// started since that the plan takes for one to come; otherwise as [`calendar_facts`].
pub async fn import_calendar<T: Calendars + Schedules + SeriesPlans + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    plan: CalendarPlan,
    now: DateTime<Utc>,
) -> Result<CalendarReport, UseCaseError> {
    let organization = plan.organization;
    let (rules, template) = read_terms(permit, tx, organization, &plan.defaults).await?;
    if plan.dry_run || (plan.adopted.is_empty() && plan.changes.is_empty()) {
        return Ok(plan.report);
    }
    let known: BTreeSet<_> = tx.imports_known(organization, plan.keys.clone()).await?.into_iter().collect();
    let is_same = plan.is_current(now)
        && (&rules, &template, &known) == (&plan.facts.rules, &plan.facts.template, &plan.facts.known)
        && plan.still_fits(permit, tx).await?;
    let decision = DecisionContext::new(COMMAND, organization, organization);
    tx.record_if_denied(decision, if is_same { Ok(()) } else { Err(changed(organization)) })?;
    let report = plan.keep(tx, now).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: organization.uuid(),
        subject: None,
        organizations: vec![organization],
        details: serde_json::json!({
            "series": report.created_series,
            "events": report.created_events,
            "changed_dates": report.changed_dates,
            "scheduled": report.scheduled,
            "refused": report.refused.len(),
        }),
    });
    Ok(report)
}

fn changed(organization: OrganizationId) -> Denial {
    Denial::state("events.import.changed").because("organization", organization).remedy(
        "While the file was read, something changed on which the import depends, such as the template or \
         another import, or an event in it has started: send the file again.",
        None,
    )
}

impl CalendarPlan {
    /// Whether the series and dates that the plan changes are as they were when it was made. Locks them.
    async fn still_fits<T: Calendars>(
        &self,
        permit: &Permit<CreateEvent>,
        tx: &mut T,
    ) -> Result<bool, UseCaseError> {
        let uids: HashSet<_> = self.changes.iter().map(|change| change.uid.clone()).collect();
        let mut now = known_series(permit, tx, self.organization, uids.into_iter().collect()).await?;
        let before = |change: &PlannedChange| self.facts.series.get(&change.uid);
        let dates = self
            .changes
            .iter()
            .filter_map(|change| Some(SeriesDate { series: before(change)?.plan.series.id, on: change.on }));
        read_dates(tx, &mut now, dates.collect()).await?;
        Ok(self.changes.iter().all(|change| {
            before(change).zip(now.get(&change.uid)).is_some_and(|(before, now)| {
                before.plan == now.plan && before.dates.get(&change.on) == now.dates.get(&change.on)
            })
        }))
    }

    async fn keep<T: Calendars + Schedules + SeriesPlans + Journal>(
        self,
        tx: &mut T,
        now: DateTime<Utc>,
    ) -> Result<CalendarReport, UseCaseError> {
        let mut all = Vec::new();
        for (key, one) in self.adopted {
            match one {
                Adopted::Once(event) => all.push((*event, Some(key))),
                Adopted::Series { plan, events, .. } => {
                    tx.import_series(&plan, &key, now).await?;
                    tell_extended(tx, &plan, count(events.len()), now);
                    all.extend(events.into_iter().map(|event| (event, None)));
                }
            }
        }
        for event in self.published {
            // It happens now; the plan was made earlier.
            tx.event_publish(Published { at: now, ..event });
        }
        let mut left_out: HashMap<String, BTreeSet<NaiveDate>> = HashMap::new();
        for PlannedChange { uid, on, change } in self.changes {
            match change {
                Change::Add(event) => {
                    tx.event_publish(scheduled(&event, now));
                    all.push((*event, None));
                }
                Change::Replace { before, after } => replace(tx, &before, &after, now).await?,
                Change::LeaveOut => drop(left_out.entry(uid).or_default().insert(on)),
            }
        }
        for (uid, dates) in left_out {
            let Some(known) = self.facts.series.get(&uid) else { continue };
            let mut plan = known.plan.clone();
            for date in dates {
                plan.series.schedule.leave_out(date)?;
            }
            tx.series_update(&plan, now).await?;
        }
        tx.import_events(all, now).await?;
        Ok(self.report)
    }
}

/// Stores an event of a series as the file changes it. No client has booked it.
async fn replace<T: Schedules + Journal>(
    tx: &mut T,
    before: &Event,
    after: &Event,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    if after.state != EventState::Canceled {
        tx.event_update(after, None, now).await?;
        tell_changed(tx, before, after, &after.differences(before), now);
        return Ok(());
    }
    let reason = "called off in the imported calendar";
    tx.event_update(after, Some(reason), now).await?;
    let sent = EventChanged { reason: Some(reason.to_owned()), ..EventChanged::of(after) };
    tx.event_publish(EventCanceled(sent).published(now));
    tx.audit_append(AuditEntry {
        action: crate::cancel_event::COMMAND.name,
        target: after.id.uuid(),
        subject: None,
        organizations: vec![after.organization],
        details: serde_json::json!({ "reason": reason }),
    });
    Ok(())
}
