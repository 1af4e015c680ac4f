//! `POST /events/import`: staff import the schedule that another program exported.

use super::{import_report::ImportedCalendar, reading::aside};
use actix_web::{post, web::Data};
use serde::Deserialize;
use tryzore_events::{
    self as events, EventKind, NewCalendar, NewOffer,
    calendar::{self, CalendarImport},
    permission::CreateEvent,
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{OrganizationId, Problem, TemplateId, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::Permit;
use tryzore_web::{Allow, ApiError, FileKind, Once, Parameters, RawBody, Reply};
use utoipa::IntoParams;

/// The location of the entries, and defaults for what a calendar does not say.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The location where the entries take place; by default the one where you are signed in.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Whether nothing is stored and only the report is made; true by default.
    #[param(required = false, default = true)]
    dry_run: Option<bool>,
    /// The template from which the events are made.
    #[serde(rename = "template_id")]
    template: Option<TemplateId>,
    /// The kind of the events: `class`, `tour` or `appointment`; required without a template.
    #[param(inline)]
    kind: Option<EventKind>,
    /// The number of spots of each event; needed without a template.
    #[param(minimum = 1, maximum = 10000)]
    spots_total: Option<u32>,
    /// The staff member who leads the events.
    #[serde(rename = "staff_user_id")]
    staff: Option<UserId>,
    /// The room of entries that have no LOCATION.
    #[param(max_length = 255)]
    location: Option<String>,
    /// Whether clients of other locations may book; true by default.
    allow_cross_location_booking: Option<bool>,
}

/// An iCalendar file.
pub(super) struct Calendar;

impl FileKind for Calendar {
    // The last two are sent by programs that don't know the first.
    const MEDIA: &'static [&'static str] = &["text/calendar", "application/ics", "application/octet-stream"];
    const LIMIT: usize = calendar::MAX_BYTES;
}

impl Query {
    fn organization(&self, permit: &Permit<CreateEvent>) -> Result<OrganizationId, Problem> {
        let organization = self.organization.or(permit.organization());
        organization.ok_or_else(|| {
            Problem::invalid("organization_id", "name the location where the entries take place")
        })
    }

    fn calendar(self, organization: OrganizationId, file: CalendarImport) -> NewCalendar {
        let defaults = NewOffer {
            template: self.template,
            kind: self.kind,
            staff: self.staff,
            spots_total: self.spots_total,
            location: self.location,
            takes_visitors: self.allow_cross_location_booking,
            ..NewOffer::default()
        };
        NewCalendar { organization, file, defaults, dry_run: self.dry_run.unwrap_or(true) }
    }
}

/// Import a calendar
///
/// The body is the file itself: iCalendar (RFC 5545), at most 5 MB and 5,000 entries. Recurring entries
/// become series, other entries become events. An entry whose UID was imported before is left as it is; a
/// change of one date of such a series is made if nobody has changed or booked that date since.
/// Nothing is stored unless `dry_run` is false. The report lists every entry, with the reason for each
/// refused one.
#[utoipa::path(
    tag = "events",
    params(Query),
    request_body(content = String, content_type = "text/calendar", description = "The file as it is"),
    responses((status = 200, body = ImportedCalendar)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.create.template_archived", "events.import.changed"]))
    )
)]
#[post("/events/import")]
pub(super) async fn import_calendar(
    Allow(permit): Allow<CreateEvent>,
    Parameters(query): Parameters<Query>,
    file: RawBody<Calendar>,
    once: Once,
    db: Data<Db>,
) -> Result<Reply<ImportedCalendar>, ApiError> {
    let at = query.organization(&permit)?;
    let zone = async |tx: &mut TenantTx| events::calendar_zone(&permit, &mut tx.events(), at).await;
    let zone = db.tenant_tx(&permit, zone).await?;
    // A large file takes long, so no connection is held meanwhile.
    let read = aside(permit.tenant(), move || calendar::read(&file.bytes, zone)).await?;
    let new = query.calendar(at, read.map_err(|error| error.problem("body"))?);
    let dry_run = new.dry_run;
    let facts = async |tx: &mut TenantTx| {
        events::calendar_facts(&permit, &mut tx.events(), &new).await.map_err(as_parameters)
    };
    let facts = db.tenant_tx(&permit, facts).await?;
    let now = db.clock().now();
    let plan = aside(permit.tenant(), move || events::plan_calendar(new, facts, now));
    let plan = plan.await?.map_err(as_parameters)?;
    let import = async |tx: &mut TenantTx, now| {
        let report =
            events::import_calendar(&permit, &mut tx.events(), plan, now).await.map_err(as_parameters)?;
        Ok::<_, Problem>(ImportedCalendar::of(report, dry_run))
    };
    once.done(&permit, import).await
}

// The properties are query parameters here and not fields of a body.
fn as_parameters(error: events::UseCaseError) -> Problem {
    let mut problem = Problem::from(error);
    for error in &mut problem.errors {
        if let Some(name) = error.pointer.strip_prefix('/') {
            error.pointer = name.to_owned();
        }
    }
    problem
}
