//! `POST /event-series`: a series of events is created.

use super::{draft::SeriesDraft, view::SeriesView};
use actix_web::post;
use tryzore_events::{self as events, NewSeries, UseCaseError, permission::CreateEvent};
use tryzore_events_postgres::Events;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Reply};

/// Create a series
///
/// The events of a series are created eight weeks ahead, now and then every day.
#[utoipa::path(
    tag = "event series",
    request_body = SeriesDraft,
    responses((status = 201, body = SeriesView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.create.template_archived"]))
    )
)]
#[post("/event-series")]
pub(super) async fn create_series(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<SeriesDraft>,
    once: Once,
) -> Result<Reply<SeriesView>, ApiError> {
    let new = NewSeries::try_from(draft)?;
    let create = async |tx: &mut TenantTx, now| {
        let (plan, _) = events::create_series(&permit, &mut tx.events(), new, now).await?;
        Ok::<_, UseCaseError>(SeriesView::from(plan))
    };
    once.created(&permit, create).await
}
