//! What became of an imported calendar.

use serde::Serialize;
use tryzore_events::{
    CalendarReport,
    calendar::{EntryNote, Reason, RefusedEntry},
    import_calendar::NotedEntry,
};
use utoipa::ToSchema;

/// What became of a calendar, or would become of it: `read` is the sum of what was created, changed,
/// unchanged and refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportedCalendar {
    /// Whether nothing was kept.
    dry_run: bool,
    /// The name of the calendar, when it has one.
    name: Option<String>,
    /// How many entries the file has.
    read: u32,
    /// Entries that became a series.
    created_series: u32,
    /// Entries that became a single event.
    created_events: u32,
    /// Entries that called off, moved or renamed one occurrence of a series that was created.
    changed_dates: u32,
    /// Entries that were there from an earlier import.
    unchanged: u32,
    /// Events that came on the schedule; those of series for the next eight weeks.
    scheduled: u32,
    /// How many entries were refused.
    refused: usize,
    /// Each of them.
    refusals: Vec<RefusedLine>,
    /// Entries that were taken over and are worth a look.
    notes: Vec<NotedLine>,
}

/// An entry that was not taken over.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedLine {
    /// The line of the file on which it begins, from 1.
    line: usize,
    /// Its UID, when it has one that can be read.
    uid: Option<String>,
    /// Its name, when it has one that can be read.
    title: Option<String>,
    /// Why: at least one.
    reasons: Vec<String>,
}

/// An entry that is worth a look.
#[derive(Debug, Serialize, ToSchema)]
struct NotedLine {
    /// The line of the file on which it begins, from 1.
    line: usize,
    /// Its UID.
    uid: String,
    /// Its name.
    title: String,
    /// Why: at least one.
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
