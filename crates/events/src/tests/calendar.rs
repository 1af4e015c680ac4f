//! Imports of calendars that another program exported.

use super::*;
use crate::{
    CalendarReport, Calendars, NewCalendar, NewOffer, Schedules, SeriesPlan, Template, Templates,
    UseCaseError, import_calendar, permission::CreateEvent,
};
use futures::executor::block_on;
use std::collections::BTreeSet;
use tryzore_kernel::{AuditEntry, Decision, Journal, Published, StoreResult, TemplateId};

const STUDIO: &[u8] = include_bytes!("../../../../docs/samples/studio.ics");

/// A location's schedule in memory.
pub(super) struct TestStaff {
    pub(super) here: OrganizationId,
    series: Vec<SeriesPlan>,
    events: Vec<Event>,
    keys: BTreeSet<String>,
    sent: Vec<Published>,
    audit: Vec<AuditEntry>,
}

impl TestStaff {
    pub(super) fn new() -> Self {
        let here = OrganizationId::generate(noon());
        let (series, events, sent, audit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { here, series, events, keys: BTreeSet::new(), sent, audit }
    }

    fn import(
        &mut self,
        file: &[u8],
        defaults: NewOffer,
        dry_run: bool,
    ) -> Result<CalendarReport, UseCaseError> {
        let organization = self.here;
        let file = crate::calendar::read(file, rules().zone);
        let file = file.map_err(|error| UseCaseError::invalid("/body", error.to_string()))?;
        let permit = staff(UserId::generate(noon()), organization, &["events.create"]);
        let permit = permit.permit::<CreateEvent>().unwrap();
        let new = NewCalendar { organization, file, defaults, dry_run };
        block_on(import_calendar(&permit, self, new, noon()))
    }

    fn taken(&mut self, entries: &str) -> CalendarReport {
        self.import(calendar(entries).as_bytes(), defaults(), false).unwrap()
    }

    /// The starts of the events with the name `name`, in order.
    fn starts(&self, name: &str) -> Vec<String> {
        let mut starts: Vec<_> = self.events.iter().filter(|event| event.name == name).collect();
        starts.sort_by_key(|event| event.starts_at);
        starts.iter().map(|event| event.starts_at.format("%m-%d %H:%M").to_string()).collect()
    }
}

impl Schedules for TestStaff {
    async fn booking_rules_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<BookingRules>> {
        Ok((organization == self.here).then(rules))
    }

    async fn staff_works_at(&mut self, _: UserId, _: OrganizationId) -> StoreResult<bool> {
        Ok(false)
    }

    async fn event_open(&mut self, event: EventId) -> StoreResult<Option<Event>> {
        Ok(self.events.iter().find(|one| one.id == event).cloned())
    }

    async fn event_insert(&mut self, event: &Event, _: DateTime<Utc>) -> StoreResult<()> {
        self.events.push(event.clone());
        Ok(())
    }

    async fn event_update(&mut self, _: &Event, _: Option<&str>, _: DateTime<Utc>) -> StoreResult<()> {
        panic!("an import changes nothing that is there")
    }
}

impl Templates for TestStaff {
    async fn template_open(&mut self, _: TemplateId) -> StoreResult<Option<Template>> {
        Ok(None)
    }

    async fn template_insert(&mut self, _: &Template, _: DateTime<Utc>) -> StoreResult<()> {
        panic!("an import makes no template")
    }

    async fn template_update(&mut self, _: &Template, _: DateTime<Utc>) -> StoreResult<()> {
        panic!("an import changes no template")
    }

    async fn organizations_all(&mut self) -> StoreResult<Vec<OrganizationId>> {
        Ok(vec![self.here])
    }
}

impl Calendars for TestStaff {
    async fn imports_known(&mut self, _: OrganizationId, keys: Vec<String>) -> StoreResult<Vec<String>> {
        let uid = |key: &str| key.split(";RECURRENCE-ID=").next().unwrap_or_default().to_owned();
        let is_known = |key: &&String| keys.contains(key) || keys.contains(&uid(key));
        Ok(self.keys.iter().filter(is_known).cloned().collect())
    }

    async fn import_series(&mut self, plan: &SeriesPlan, key: &str, _: DateTime<Utc>) -> StoreResult<()> {
        assert!(self.keys.insert(key.to_owned()), "{key} twice");
        self.series.push(plan.clone());
        Ok(())
    }

    async fn import_events(
        &mut self,
        all: Vec<(Event, Option<String>)>,
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        for (event, key) in all {
            assert!(self.events.iter().all(|one| one.series.is_none() || one.series != event.series));
            assert_eq!(key.is_some(), event.series.is_none());
            assert!(key.is_none_or(|key| self.keys.insert(key)));
            self.events.push(event);
        }
        Ok(())
    }
}

impl Journal for TestStaff {
    fn event_publish(&mut self, event: Published) {
        self.sent.push(event);
    }

    fn decision_record(&mut self, _: Decision) {}

    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}

fn defaults() -> NewOffer {
    let location = Some("Studio".to_owned());
    NewOffer { kind: Some(EventKind::Class), spots_total: Some(12), location, ..NewOffer::default() }
}

fn calendar(entries: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", entries.replace('\n', "\r\n"))
}

/// An entry of one hour, in Rome.
fn entry(uid: &str, start: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{uid}\nDTSTART;TZID=Europe/Rome:{start}\nDURATION:PT1H\n{more}END:VEVENT\n"
    )
}

fn reasons(report: &CalendarReport) -> Vec<(&str, String)> {
    let of = |entry: &crate::calendar::RefusedEntry| {
        entry.reasons.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    report
        .refused
        .iter()
        .map(|entry| (entry.uid.as_deref().unwrap_or_default(), of(entry).join("; ")))
        .collect()
}

fn adds_up(report: &CalendarReport) -> bool {
    let refused = u32::try_from(report.refused.len()).unwrap();
    let CalendarReport { created_series, created_events, changed_dates, unchanged, .. } = report;
    report.read == created_series + created_events + changed_dates + unchanged + refused
}

#[test]
fn evt_01_an_import_creates_series_and_single_events() {
    let mut memory = TestStaff::new();
    let report = memory.import(STUDIO, defaults(), false).unwrap();
    assert!(adds_up(&report), "{report:?}");
    assert_eq!((report.read, report.created_series, report.created_events), (25, 14, 3));
    assert_eq!((report.changed_dates, report.unchanged), (2, 0));
    let reasons = reasons(&report);
    let over = reasons.iter().filter(|(_, why)| why.starts_with("it is over")).count();
    let off = reasons.iter().filter(|(_, why)| why.starts_with("it is called off")).count();
    assert_eq!((reasons.len(), over, off), (6, 1, 2), "{reasons:?}");
    assert_eq!((memory.series.len(), memory.events.len()), (14, report.scheduled as usize));
    // Across the clock change, without Easter Monday, with the class that was moved by an hour.
    let starts = memory.starts("Vinyasa Yoga");
    assert_eq!(starts[7..12], ["03-25 17:30", "03-30 16:30", "04-01 16:30", "04-08 16:30", "04-13 16:30"]);
    assert_eq!(starts[12], "04-15 17:30");
    let rooms: BTreeSet<_> = memory.events.iter().map(|event| event.location.as_str()).collect();
    assert!(rooms.contains("Sala A, Via dei Mille 12, Roma"));
    assert_eq!(memory.audit.len(), 1);
    let sent = |kind: &str| memory.sent.iter().filter(|event| event.kind == kind).count();
    assert_eq!((sent("events.scheduled"), sent("events.series_extended")), (memory.events.len(), 14));
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let mut memory = TestStaff::new();
    let first = memory.import(STUDIO, defaults(), false).unwrap();
    let (events, sent) = (memory.events.clone(), memory.sent.len());
    let again = memory.import(STUDIO, defaults(), false).unwrap();
    assert!(adds_up(&again));
    assert_eq!(
        (again.created_series, again.created_events, again.changed_dates, again.scheduled),
        (0, 0, 0, 0)
    );
    // The change of the occurrence that was over now counts with its series.
    assert_eq!(again.unchanged, first.created_series + first.created_events + first.changed_dates + 1);
    assert_eq!((memory.events, memory.sent.len(), memory.audit.len()), (events, sent, 1));
}

#[test]
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let mut memory = TestStaff::new();
    let dry = memory.import(STUDIO, defaults(), true).unwrap();
    assert!(memory.events.is_empty() && memory.series.is_empty() && memory.sent.is_empty());
    assert!(memory.audit.is_empty());
    let wet = memory.import(STUDIO, defaults(), false).unwrap();
    assert_eq!(dry, wet);
}

#[test]
fn single_dates_are_left_out_or_moved_however_far_ahead() {
    let mut memory = TestStaff::new();
    let change = |id: &str, start: &str, more: &str| {
        entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:{id}\n{more}"))
    };
    let report = memory.taken(
        &[
            entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"),
            change("20260309T180000", "20260310T190000", ""),
            change("20260316T180000", "20260316T180000", "STATUS:CANCELLED\n"),
            // Beyond the eight weeks: one called off, one moved.
            change("20260803T180000", "20260803T180000", "STATUS:CANCELLED\n"),
            change("20260907T180000", "20260907T200000", "SUMMARY:Yoga al mare\n"),
        ]
        .concat(),
    );
    assert_eq!((report.created_series, report.changed_dates, report.refused.len()), (1, 4, 0));
    assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-23 17:00"]);
    let plan = &memory.series[0];
    let date = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    assert!(plan.fields().exdates.contains(&date("2026-08-03")));
    let far =
        memory.events.iter().find(|event| event.starts_at.format("%m-%d").to_string() == "09-07").unwrap();
    assert_eq!(far.series.unwrap().on, date("2026-09-07"), "the worker finds the date taken");
    assert_eq!(far.starts_at.format("%H:%M").to_string(), "18:00");
}

#[test]
fn a_date_that_came_before_its_series_is_not_made_twice() {
    let mut memory = TestStaff::new();
    let id = "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n";
    let change = entry("yoga", "20260310T190000", id);
    assert_eq!(memory.taken(&change).created_events, 1);
    let all = [entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"), change].concat();
    let report = memory.taken(&all);
    assert!(adds_up(&report));
    assert_eq!((report.created_series, report.changed_dates, report.unchanged), (1, 0, 1));
    let mut starts = memory.starts("yoga");
    starts.sort_unstable();
    assert_eq!(starts[..3], ["03-02 17:00", "03-10 18:00", "03-16 17:00"]);
    assert_eq!(memory.taken(&all).unchanged, 2);
}

#[test]
fn a_series_leaves_to_a_date_that_came_before_it_what_the_file_no_longer_says() {
    let mut memory = TestStaff::new();
    let id = "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n";
    memory.taken(&entry("yoga", "20260310T190000", id));
    let report = memory.taken(&entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"));
    assert!(adds_up(&report));
    assert!(!memory.starts("yoga").contains(&"03-09 17:00".to_owned()), "{:?}", memory.starts("yoga"));
}

#[test]
fn a_date_that_was_moved_to_the_past_does_not_come_again() {
    let mut memory = TestStaff::new();
    let change = |id: &str, start: &str, more: &str| {
        entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:{id}\n{more}"))
    };
    let report = memory.taken(
        &[
            entry("yoga", "20260202T180000", "RRULE:FREQ=WEEKLY\n"),
            change("20260302T180000", "20260302T100000", ""),
            change("20260223T180000", "20260303T180000", ""),
            change("20260216T180000", "20260216T180000", "STATUS:CANCELLED\n"),
        ]
        .concat(),
    );
    assert!(adds_up(&report));
    assert_eq!((report.created_series, report.changed_dates, report.refused.len()), (1, 1, 2));
    assert!(reasons(&report).iter().all(|(_, why)| why.starts_with("it is over")));
    assert_eq!(memory.starts("yoga")[..2], ["03-03 17:00", "03-09 17:00"]);
}

#[test]
fn an_entry_that_starts_now_is_over_and_a_second_later_is_not() {
    let mut memory = TestStaff::new();
    // Noon in Rome is the current time.
    let report =
        memory.taken(&[entry("now", "20260302T120000", ""), entry("soon", "20260302T120001", "")].concat());
    assert_eq!(
        reasons(&report),
        [("now", "it is over: only what is still to come is taken over".to_owned())]
    );
    assert_eq!(report.created_events, 1);
    let ended =
        memory.taken(&entry("ended", "20260105T180000", "RRULE:FREQ=WEEKLY;UNTIL=20260301T235959Z\n"));
    assert_eq!((ended.created_series, ended.refused.len()), (0, 1));
}

#[test]
fn evt_01_an_entry_that_is_too_short_is_refused_alone() {
    let mut memory = TestStaff::new();
    let short =
        |uid: &str, minutes: u8| entry(uid, "20260303T180000", "").replace("PT1H", &format!("PT{minutes}M"));
    let report = memory.taken(&[short("four", 4), short("five", 5)].concat());
    assert_eq!(report.created_events, 1);
    let [(uid, why)] = &reasons(&report)[..] else { panic!("{report:?}") };
    assert!(*uid == "four" && why.starts_with("duration_minutes: "), "{why}");
}

#[test]
fn changes_of_a_refused_series_are_refused_too() {
    let mut memory = TestStaff::new();
    let off = entry("off", "20260302T180000", "RRULE:FREQ=WEEKLY\nSTATUS:CANCELLED\n");
    let change = entry("off", "20260310T180000", "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n");
    let report = memory.taken(&[off, change].concat());
    assert_eq!((report.read, report.refused.len(), memory.events.len()), (2, 2, 0));
    assert_eq!(reasons(&report)[1].1, "it changes one occurrence of a series that was refused");
}

#[test]
fn defaults_are_checked_once_and_a_file_as_a_whole() {
    let mut memory = TestStaff::new();
    let pointers = |refused: Result<CalendarReport, UseCaseError>| match refused {
        Err(UseCaseError::Invalid(errors)) => {
            errors.into_vec().into_iter().map(|e| e.pointer).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(pointers(memory.import(STUDIO, NewOffer::default(), true)), ["/kind", "/spots_total"]);
    assert_eq!(pointers(memory.import(b"Nome,Email", defaults(), true)), ["/body"]);
    let staff = NewOffer { staff: Some(UserId::generate(noon())), ..defaults() };
    assert_eq!(pointers(memory.import(STUDIO, staff, true)), ["/staff_user_id"]);
    let unknown = NewOffer { template: Some(TemplateId::generate(noon())), ..defaults() };
    assert_eq!(memory.import(STUDIO, unknown, true), Err(UseCaseError::NotFound("template")));
}

#[test]
fn one_import_puts_at_most_ten_thousand_events_on_the_schedule() {
    // Single events fill the import up to the limit, because a daily series has 56 or 57 events.
    let daily = |n: usize| entry(&format!("d{n}"), "20260302T180000", "RRULE:FREQ=DAILY\n");
    let single = |n: usize| entry(&format!("s{n}"), "20260303T180000", "");
    let mut memory = TestStaff::new();
    let of_one = memory.taken(&daily(0)).scheduled as usize;
    let (series, rest) = (10_000 / of_one, 10_000 % of_one);
    let full: String = (1..=series).map(daily).chain((0..rest).map(single)).collect();
    let report = memory.import(calendar(&full).as_bytes(), defaults(), true).unwrap();
    assert_eq!(report.scheduled, 10_000);
    let over = full + &single(rest);
    let refused = memory.import(calendar(&over).as_bytes(), defaults(), true);
    assert!(matches!(refused, Err(UseCaseError::Invalid(errors)) if errors.pointers() == ["/body"]));
}
