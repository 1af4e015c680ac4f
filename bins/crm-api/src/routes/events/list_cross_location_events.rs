//! `GET /events/cross-location`: what staff can offer a client at another location.

use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_events::{EventKind, permission::ViewEvents};
use tryzore_kernel::{OrganizationId, Page, Problem, TemplateId, UserId};
use tryzore_postgres::{
    Db,
    events::views::schedule::{EventCard, ScheduleFilter, staff_cross_location_schedule},
};
use tryzore_web::{Allow, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Elsewhere {
    /// The first start, included.
    from: DateTime<Utc>,
    /// The last start, excluded; at most 92 days later.
    to: DateTime<Utc>,
    /// Only at this location.
    organization: Option<OrganizationId>,
    /// Only of this kind: `class`, `tour` or `appointment`.
    #[param(value_type = Option<String>, example = "class")]
    kind: Option<EventKind>,
    /// Only led by this person.
    staff: Option<UserId>,
    /// Only made from this template.
    template: Option<TemplateId>,
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Elsewhere {
    fn filter(self) -> Result<ScheduleFilter, Problem> {
        let paging = Paging { limit: self.limit, cursor: self.cursor };
        Ok(ScheduleFilter {
            organization: self.organization,
            kind: self.kind,
            staff: self.staff,
            template: self.template,
            limit: paging.limit()?,
            cursor: paging.cursor,
            ..ScheduleFilter::window(self.from, self.to)
        })
    }
}

/// What is on elsewhere
///
/// By start: at the other locations that you see, what takes visitors.
#[utoipa::path(
    tag = "events",
    params(Elsewhere),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events/cross-location")]
pub(super) async fn list_cross_location_events(
    Allow(permit): Allow<ViewEvents>,
    Parameters(asked): Parameters<Elsewhere>,
    db: Data<Db>,
) -> Result<Json<Page<EventCard>>, ApiError> {
    let asked = asked.filter()?;
    let page = async |tx: &mut _| staff_cross_location_schedule(&permit, tx, &asked).await;
    Ok(Json(db.tenant_tx(&permit, page).await?))
}
