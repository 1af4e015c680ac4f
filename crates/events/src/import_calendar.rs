//! Staff import the schedule from another program, as the calendar file that it exports.
//!
//! A series of the file becomes a series, a single entry becomes an event. An entry is identified by
//! its UID. A series or occurrence that was imported earlier stays as it is, because staff may have
//! changed it since; importing the same file again changes nothing. The report accounts for every entry
//! of the file: it was imported, it was there already, or it was refused with each reason.
//!
//! **Invariant:** `read = created_series + created_events + changed_dates + unchanged + refused`.

use crate::{
    Calendars, NewOffer, Schedules, Templates, UseCaseError,
    calendar::{Adopted, CalendarEntry, CalendarImport, EntryKey, EntryNote, RefusedEntry, Terms},
    create_event::{check_staff, open_template},
    create_series::tell_extended,
    domain_event::{EventChanged, Scheduled},
    permission::CreateEvent,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{HashMap, HashSet};
use tryzore_kernel::{AuditEntry, Journal, OrganizationId};
use tryzore_rbac::{DomainEvent, Permit};

#[cfg(doc)]
use crate::calendar;

/// The highest number of events that one import puts on the schedule.
pub const MAX_EVENTS: usize = 10_000;

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

/// The report of an import, or of a dry run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CalendarReport {
    /// The name of the calendar, if it has one.
    pub name: Option<String>,
    /// The number of entries in the file.
    pub read: u32,
    /// The number of entries that became a series.
    pub created_series: u32,
    /// The number of entries that became a single event.
    pub created_events: u32,
    /// The number of entries that called off, moved or renamed one occurrence of a created series.
    pub changed_dates: u32,
    /// The number of entries that an earlier import had brought.
    pub unchanged: u32,
    /// The number of events that were put on the schedule: the single ones, and those of the series for
    /// the next eight weeks.
    pub scheduled: u32,
    /// The entries that were refused, in the order of the file.
    pub refused: Vec<RefusedEntry>,
    /// The entries that were imported with notes, in the order of the file.
    pub noted: Vec<NotedEntry>,
}

/// An entry that was imported with notes.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedEntry {
    /// The line of the file on which the entry begins, from 1.
    pub line: usize,
    /// The UID of the entry.
    pub uid: String,
    /// The name of the entry.
    pub title: String,
    /// The notes, at least one.
    pub notes: Vec<EntryNote>,
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

/// Imports every valid entry of a calendar in one transaction.
///
/// # Errors
/// [`UseCaseError::Invalid`] with `/body` for a file that makes more than [`MAX_EVENTS`] events, and
/// with each invalid default; [`UseCaseError::NotFound`] or [`UseCaseError::Denied`] at a location that
/// the permit does not reach; `events.create.template_archived`.
pub async fn import_calendar<T: Calendars + Schedules + Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: NewCalendar,
    now: DateTime<Utc>,
) -> Result<CalendarReport, UseCaseError> {
    let organization = new.organization;
    permit.require_at(organization, "organization")?;
    let rules = tx.booking_rules_find(organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let template = open_template(tx, organization, new.defaults.template).await?;
    check_staff(tx, new.defaults.staff, organization).await?;
    // The defaults are checked once here instead of once for each entry.
    let any = NewOffer { name: Some("any".into()), duration_minutes: Some(60), ..new.defaults.clone() };
    any.complete(template.as_ref())?;
    let file = new.file;

    let keys = file.entries.iter().flat_map(|entry| [entry.key.text(), entry.key.uid.clone()]);
    let keys: HashSet<String> = keys.collect();
    let known = tx.imports_known(organization, keys.into_iter().collect()).await?;
    let known: HashSet<String> = known.into_iter().collect();
    let mut alone: HashMap<&str, Vec<DateTime<Utc>>> = HashMap::new();
    for (uid, at) in known.iter().filter_map(|key| EntryKey::occurrence(key)) {
        alone.entry(uid).or_default().push(at);
    }
    let terms =
        Terms { organization, rules: &rules, defaults: &new.defaults, template: template.as_ref(), now };
    let mut report = CalendarReport { name: file.name, refused: file.refused, ..CalendarReport::default() };
    report.read = count(report.refused.len()) + file.entries.iter().map(CalendarEntry::count).sum::<u32>();
    let mut adopted = Vec::new();
    for mut entry in file.entries {
        if known.contains(&entry.key.uid) || known.contains(&entry.key.text()) {
            report.unchanged += entry.count();
            continue;
        }
        if let Some(before) = alone.get(&*entry.key.uid) {
            report.unchanged += entry.leave_known(before);
        }
        if let Some(one) = entry.adopt(&terms, &mut report.refused) {
            report.take(&one);
            adopted.push((entry.key.text(), one));
            report.note(entry);
        }
        if report.scheduled > count(MAX_EVENTS) {
            let detail = format!("it makes more than {MAX_EVENTS} events: import it in parts");
            return Err(UseCaseError::invalid("/body", detail));
        }
    }
    report.refused.sort_by_key(|entry| entry.line);
    if !new.dry_run && !adopted.is_empty() {
        keep(tx, adopted, now).await?;
        tx.audit_append(AuditEntry {
            action: "calendar.import",
            target: organization.uuid(),
            subject: None,
            organizations: vec![organization],
            details: serde_json::json!({
                "series": report.created_series,
                "events": report.created_events,
                "scheduled": report.scheduled,
                "refused": report.refused.len(),
            }),
        });
    }
    Ok(report)
}

async fn keep<T: Calendars + Journal>(
    tx: &mut T,
    adopted: Vec<(String, Adopted)>,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let mut all = Vec::new();
    for (key, one) in adopted {
        match one {
            Adopted::Once(event) => all.push((*event, Some(key))),
            Adopted::Series { plan, events, .. } => {
                tx.import_series(&plan, &key, now).await?;
                tell_extended(tx, &plan, count(events.len()), now);
                all.extend(events.into_iter().map(|event| (event, None)));
            }
        }
    }
    for (event, _) in &all {
        tx.event_publish(Scheduled(EventChanged::of(event)).published(now));
    }
    Ok(tx.import_events(all, now).await?)
}

impl CalendarReport {
    fn take(&mut self, adopted: &Adopted) {
        match adopted {
            Adopted::Once(_) => {
                self.created_events += 1;
                self.scheduled += 1;
            }
            Adopted::Series { events, changed, .. } => {
                self.created_series += 1;
                self.changed_dates += changed;
                self.scheduled += count(events.len());
            }
        }
    }

    fn note(&mut self, entry: CalendarEntry) {
        if !entry.notes.is_empty() {
            let (line, uid, title) = (entry.line, entry.key.uid, entry.details.title);
            self.noted.push(NotedEntry { line, uid, title, notes: entry.notes });
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
