//! `POST /events/import`: the schedule comes along from another program.

use super::import_report::ImportedCalendar;
use actix_web::{post, web::Data};
use serde::Deserialize;
use tokio::task::spawn_blocking;
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

/// Where the entries take place, and what a calendar does not say of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The location; where you are signed in when not said.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Whether nothing is kept, and only told what would be; so it is when not said.
    #[param(required = false, default = true)]
    dry_run: Option<bool>,
    /// What the events are made from.
    #[serde(rename = "template_id")]
    template: Option<TemplateId>,
    /// `class`, `tour` or `appointment`; needed without a template.
    #[param(inline)]
    kind: Option<EventKind>,
    /// How many can come; needed without a template.
    #[param(minimum = 1, maximum = 10000)]
    spots_total: Option<u32>,
    /// Who leads them.
    #[serde(rename = "staff_user_id")]
    staff: Option<UserId>,
    /// In which room, where an entry has no LOCATION.
    #[param(max_length = 255)]
    location: Option<String>,
    /// Whether they take clients of other locations; they do, when not said.
    allow_cross_location_booking: Option<bool>,
}

/// An iCalendar file.
pub(super) struct Calendar;

impl FileKind for Calendar {
    // The last two: what programs say that don't know the first.
    const MEDIA: &'static [&'static str] = &["text/calendar", "application/ics", "application/octet-stream"];
    const LIMIT: usize = calendar::MAX_BYTES;
}

impl Query {
    fn organization(&self, permit: &Permit<CreateEvent>) -> Result<OrganizationId, Problem> {
        let organization = self.organization.or(permit.organization());
        organization.ok_or_else(|| Problem::invalid("organization_id", "say where its entries take place"))
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
/// become series, other entries become events. An entry whose UID was imported before is left as it is.
/// Nothing is stored unless `dry_run` is false. The report lists every entry, with the reason for each
/// refused one.
#[utoipa::path(
    tag = "events",
    params(Query),
    request_body(content = String, content_type = "text/calendar", description = "The file as it is"),
    responses((status = 200, body = ImportedCalendar)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.create.template_archived"]))
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
    // Off the threads that answer, and without a connection in hand: a large file takes long.
    let read = spawn_blocking(move || calendar::read(&file.bytes, zone)).await;
    let read = read.map_err(|_| Problem::internal("reading the calendar was broken off"))?;
    let new = query.calendar(at, read.map_err(|error| error.problem("body"))?);
    let dry_run = new.dry_run;
    let import = async |tx: &mut TenantTx, now| {
        let report =
            events::import_calendar(&permit, &mut tx.events(), new, now).await.map_err(as_parameters)?;
        Ok::<_, Problem>(ImportedCalendar::of(report, dry_run))
    };
    once.done(&permit, import).await
}

// Defaults are parameters here, not fields of a body.
fn as_parameters(error: events::UseCaseError) -> Problem {
    let mut problem = Problem::from(error);
    for error in &mut problem.errors {
        if let Some(name) = error.pointer.strip_prefix('/') {
            error.pointer = name.to_owned();
        }
    }
    problem
}
