//! A location's schedule in memory, into which calendars are imported.

use super::*;
use crate::{
    CalendarPlan, CalendarReport, Calendars, ImportedDate, NewCalendar, NewOffer, Schedules, SeriesDate,
    SeriesPlan, SeriesPlans, Template, Templates, UseCaseError, calendar_facts, import_calendar,
    permission::CreateEvent, plan_calendar,
};
use futures::executor::block_on;
use std::collections::{BTreeMap, BTreeSet};
use tryzore_kernel::{AuditEntry, Decision, Journal, Published, SeriesId, StoreResult, TemplateId};
use tryzore_rbac::Permit;

/// A location's schedule in memory.
pub(super) struct TestStaff {
    pub(super) here: OrganizationId,
    pub(super) series: Vec<SeriesPlan>,
    pub(super) events: Vec<Event>,
    pub(super) sent: Vec<Published>,
    pub(super) audit: Vec<AuditEntry>,
    /// The events that have clients.
    pub(super) booked: BTreeSet<EventId>,
    /// The permissions of who imports.
    pub(super) held: &'static [&'static str],
    keys: BTreeSet<String>,
    series_keys: BTreeMap<String, SeriesId>,
}

impl TestStaff {
    pub(super) fn new() -> Self {
        Self {
            here: OrganizationId::generate(noon()),
            series: Vec::new(),
            events: Vec::new(),
            sent: Vec::new(),
            audit: Vec::new(),
            booked: BTreeSet::new(),
            held: &["events.create", "events.edit_all", "events.cancel"],
            keys: BTreeSet::new(),
            series_keys: BTreeMap::new(),
        }
    }

    pub(super) fn permit(&self) -> Permit<CreateEvent> {
        staff(UserId::generate(noon()), self.here, self.held).permit::<CreateEvent>().unwrap()
    }

    /// The plan of an import of `file`.
    pub(super) fn plan(
        &mut self,
        file: &[u8],
        defaults: NewOffer,
        dry_run: bool,
    ) -> Result<CalendarPlan, UseCaseError> {
        let organization = self.here;
        let file = crate::calendar::read(file, rules().zone);
        let file = file.map_err(|error| UseCaseError::invalid("/body", error.to_string()))?;
        let new = NewCalendar { organization, file, defaults, dry_run };
        let facts = block_on(calendar_facts(&self.permit(), self, &new))?;
        plan_calendar(new, facts, noon())
    }

    pub(super) fn import(
        &mut self,
        file: &[u8],
        defaults: NewOffer,
        dry_run: bool,
    ) -> Result<CalendarReport, UseCaseError> {
        let plan = self.plan(file, defaults, dry_run)?;
        block_on(import_calendar(&self.permit(), self, plan, noon()))
    }

    pub(super) fn taken(&mut self, entries: &str) -> CalendarReport {
        self.import(calendar(entries).as_bytes(), defaults(), false).unwrap()
    }

    /// The event that starts at `starts_at`.
    pub(super) fn event_at(&mut self, starts_at: &str) -> &mut Event {
        let at: DateTime<Utc> = starts_at.parse().unwrap();
        self.events.iter_mut().find(|event| event.starts_at == at).unwrap()
    }

    /// The starts of the events with the name `name` that take place, in order.
    pub(super) fn starts(&self, name: &str) -> Vec<String> {
        let mut starts: Vec<_> = self.events.iter().filter(|event| event.name == name).collect();
        starts.retain(|event| event.state != EventState::Canceled);
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

    async fn event_update(&mut self, after: &Event, _: Option<&str>, _: DateTime<Utc>) -> StoreResult<()> {
        let event = self.events.iter_mut().find(|event| event.id == after.id).unwrap();
        *event = after.clone();
        Ok(())
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

    async fn imported_series(
        &mut self,
        _: OrganizationId,
        keys: Vec<String>,
    ) -> StoreResult<Vec<(String, SeriesPlan)>> {
        let known = self.series_keys.iter().filter(|(key, _)| keys.contains(key));
        let series = |id: &SeriesId| self.series.iter().find(|plan| plan.series.id == *id).unwrap().clone();
        Ok(known.map(|(key, id)| (key.clone(), series(id))).collect())
    }

    async fn imported_dates(&mut self, dates: Vec<SeriesDate>) -> StoreResult<Vec<ImportedDate>> {
        let events =
            self.events.iter().filter(|event| event.series.is_some_and(|date| dates.contains(&date)));
        let date = |event: &Event| ImportedDate {
            event: event.clone(),
            has_clients: self.booked.contains(&event.id),
        };
        Ok(events.map(date).collect())
    }

    async fn import_series(&mut self, plan: &SeriesPlan, key: &str, _: DateTime<Utc>) -> StoreResult<()> {
        assert!(self.keys.insert(key.to_owned()), "{key} twice");
        self.series_keys.insert(key.to_owned(), plan.series.id);
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

impl SeriesPlans for TestStaff {
    async fn series_open(&mut self, _: SeriesId) -> StoreResult<Option<SeriesPlan>> {
        panic!("an import reads series by their keys")
    }

    async fn series_insert(&mut self, _: &SeriesPlan, _: DateTime<Utc>) -> StoreResult<()> {
        panic!("an import adds series with their keys")
    }

    async fn series_update(&mut self, after: &SeriesPlan, _: DateTime<Utc>) -> StoreResult<()> {
        let plan = self.series.iter_mut().find(|plan| plan.series.id == after.series.id).unwrap();
        *plan = after.clone();
        Ok(())
    }

    async fn occurrences_insert(&mut self, _: &[Event], _: DateTime<Utc>) -> StoreResult<Vec<EventId>> {
        panic!("an import adds events with their series")
    }

    async fn occurrences_open(&mut self, _: SeriesId, _: chrono::NaiveDate) -> StoreResult<Vec<Event>> {
        panic!("an import changes single dates")
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

pub(super) fn defaults() -> NewOffer {
    let location = Some("Studio".to_owned());
    NewOffer { kind: Some(EventKind::Class), spots_total: Some(12), location, ..NewOffer::default() }
}

pub(super) fn calendar(entries: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", entries.replace('\n', "\r\n"))
}

/// An entry of one hour, in Rome.
pub(super) fn entry(uid: &str, start: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{uid}\nDTSTART;TZID=Europe/Rome:{start}\nDURATION:PT1H\n{more}END:VEVENT\n"
    )
}

pub(super) fn reasons(report: &CalendarReport) -> Vec<(&str, String)> {
    let of = |entry: &crate::calendar::RefusedEntry| {
        entry.reasons.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    report
        .refused
        .iter()
        .map(|entry| (entry.uid.as_deref().unwrap_or_default(), of(entry).join("; ")))
        .collect()
}

pub(super) fn adds_up(report: &CalendarReport) -> bool {
    let refused = u32::try_from(report.refused.len()).unwrap();
    let CalendarReport { created_series, created_events, changed_dates, unchanged, .. } = report;
    report.read == created_series + created_events + changed_dates + unchanged + refused
}
