//! `GET /bookings`: a client's own bookings.

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_events::permission::BookEvent;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::mine::{MyBooking, Period, my_bookings};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    #[default]
    Upcoming,
    Past,
}

impl From<When> for Period {
    fn from(when: When) -> Self {
        match when {
            When::Upcoming => Self::Upcoming,
            When::Past => Self::Past,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Mine {
    /// `upcoming` (the default): bookings of events that have not ended, the next first. `past`: ended events
    /// and canceled bookings, the last first.
    #[serde(default)]
    #[param(inline, required = false)]
    period: When,
}

/// List my bookings
///
/// Your upcoming bookings with the next one first, or your past and canceled bookings with the last one
/// first.
#[utoipa::path(
    operation_id = "list_my_bookings",
    tag = "events",
    params(Mine, Paging),
    responses((status = 200, body = Page<MyBooking>)),
    extensions(("x-permission" = json!("own.book")))
)]
#[get("/bookings")]
pub(super) async fn list_bookings(
    Allow(permit): Allow<BookEvent>,
    Listing(Mine { period }, paging): Listing<Mine>,
    db: Data<Db>,
) -> Result<Listed<MyBooking>, ApiError> {
    let (limit, cursor, now) = (paging.limit()?, paging.cursor.as_deref(), db.clock().now());
    let page = db
        .tenant_tx(&permit, async |tx| {
            my_bookings(&permit, &mut tx.events(), period.into(), cursor, limit, now).await
        })
        .await?;
    Ok(paging.answer(page))
}
