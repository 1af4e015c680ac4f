//! The report of an imported calendar.

use serde::Serialize;
use tryzore_events::{
    CalendarReport,
    calendar::{EntryNote, Reason, RefusedEntry},
    plan_calendar::NotedEntry,
};
use utoipa::ToSchema;

/// The report of an import, or of a dry run: `read` is the sum of the entries that were created, changed,
/// unchanged and refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportedCalendar {
    /// Whether nothing was stored.
    dry_run: bool,
    /// The name of the calendar, if it has one.
    name: Option<String>,
    /// The number of entries in the file.
    read: u32,
    /// The number of entries that became a series.
    created_series: u32,
    /// The number of entries that became a single event.
    created_events: u32,
    /// The number of entries that called off, moved or renamed one date of a series.
    changed_dates: u32,
    /// The number of entries that are there from an earlier import.
    unchanged: u32,
    /// The number of events that were put on the schedule: the single ones, and those of series for the
    /// next eight weeks.
    scheduled: u32,
    /// The number of entries that were refused.
    refused: usize,
    /// Each refused entry.
    refusals: Vec<RefusedLine>,
    /// Entries that were imported and should be looked at.
    notes: Vec<NotedLine>,
}

/// An entry that was refused.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedLine {
    /// The line of the file on which the entry begins, from 1.
    line: usize,
    /// The UID of the entry, if it can be read.
    uid: Option<String>,
    /// The name of the entry, if it can be read.
    title: Option<String>,
    /// The reasons, at least one.
    reasons: Vec<String>,
}

/// An entry that was imported and should be looked at.
#[derive(Debug, Serialize, ToSchema)]
struct NotedLine {
    /// The line of the file on which the entry begins, from 1.
    line: usize,
    /// The UID of the entry.
    uid: String,
    /// The name of the entry.
    title: String,
    /// The reasons, at least one.
    notes: Vec<String>,
}

impl ImportedCalendar {
    pub(super) fn of(report: CalendarReport, dry_run: bool) -> Self {
        Self {
            dry_run,
            name: report.name,
            read: report.read,
            created_series: report.created_series,
            created_events: report.created_events,
            changed_dates: report.changed_dates,
            unchanged: report.unchanged,
            scheduled: report.scheduled,
            refused: report.refused.len(),
            refusals: report.refused.into_iter().map(RefusedLine::from).collect(),
            notes: report.noted.into_iter().map(NotedLine::from).collect(),
        }
    }
}

impl From<RefusedEntry> for RefusedLine {
    fn from(entry: RefusedEntry) -> Self {
        let RefusedEntry { line, uid, title, reasons } = entry;
        Self { line, uid, title, reasons: reasons.iter().map(Reason::to_string).collect() }
    }
}

impl From<NotedEntry> for NotedLine {
    fn from(entry: NotedEntry) -> Self {
        let NotedEntry { line, uid, title, notes } = entry;
        Self { line, uid, title, notes: notes.iter().map(EntryNote::to_string).collect() }
    }
}
