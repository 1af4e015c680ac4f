//! `GET /events`: what is on where one works.

use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::IntoDeserializer};
use tryzore_events::{EventKind, EventState, permission::ViewEvents};
use tryzore_kernel::{OrganizationId, Page, Problem, TemplateId, UserId};
use tryzore_postgres::{
    Db,
    events::views::schedule::{EventCard, ScheduleFilter, staff_schedule},
};
use tryzore_web::{Allow, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The first start, included.
    from: DateTime<Utc>,
    /// The last start, excluded; at most 92 days later.
    to: DateTime<Utc>,
    /// Only at this location; at all that you see, when not said.
    organization: Option<OrganizationId>,
    /// Only of this kind: `class`, `tour` or `appointment`.
    #[param(value_type = Option<String>, example = "class")]
    kind: Option<EventKind>,
    /// Only led by this person.
    staff: Option<UserId>,
    /// Only made from this template.
    template: Option<TemplateId>,
    /// Only in one of these states, with commas between: `scheduled`, `confirmed`, `in_progress`,
    /// `completed`, `canceled` (or `cancelled`).
    #[param(value_type = Option<String>, example = "scheduled,confirmed")]
    status: Option<States>,
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Debug)]
struct States(Vec<EventState>);

impl<'de> Deserialize<'de> for States {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let state = |word: &str| EventState::deserialize(word.trim().into_deserializer());
        text.split(',').map(state).collect::<Result<_, _>>().map(Self)
    }
}

impl Asked {
    fn filter(self) -> Result<ScheduleFilter, Problem> {
        let paging = Paging { limit: self.limit, cursor: self.cursor };
        Ok(ScheduleFilter {
            organization: self.organization,
            kind: self.kind,
            staff: self.staff,
            template: self.template,
            states: self.status.map(|States(states)| states).unwrap_or_default(),
            limit: paging.limit()?,
            cursor: paging.cursor,
            ..ScheduleFilter::window(self.from, self.to)
        })
    }
}

/// What is on
///
/// By start, at the locations that you see: everything, or what you lead.
#[utoipa::path(
    tag = "events",
    params(Asked),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events")]
pub(super) async fn list_events(
    Allow(permit): Allow<ViewEvents>,
    Parameters(asked): Parameters<Asked>,
    db: Data<Db>,
) -> Result<Json<Page<EventCard>>, ApiError> {
    let asked = asked.filter()?;
    let page = db.tenant_tx(&permit, async |tx| staff_schedule(&permit, tx, &asked).await).await?;
    Ok(Json(page))
}
