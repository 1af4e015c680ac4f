//! `POST /events/{event_id}/waitlist`: a client joins the waitlist.

use super::book_event::BookingView;
use actix_web::post;
use serde::Serialize;
use tryzore_events::{self as events, Waited, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, WaitlistEntryId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};
use utoipa::ToSchema;

/// The result of joining the waitlist.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum WaitedView {
    /// The client is on the waitlist.
    Waiting {
        /// The id of the waitlist entry.
        entry_id: WaitlistEntryId,
        /// The position, from 1.
        position: u32,
        /// The length of the waitlist.
        of: u32,
    },
    /// The client got a spot at once, because no client ahead may have it.
    Promoted {
        /// The booking.
        booking: BookingView,
    },
}

impl From<Waited> for WaitedView {
    fn from(waited: Waited) -> Self {
        match waited {
            Waited::InLine { entry, rank } => {
                Self::Waiting { entry_id: entry, position: rank.position, of: rank.of }
            }
            Waited::Promoted(booking) => Self::Promoted { booking: booking.into() },
        }
    }
}

/// Join the waitlist
///
/// Refused with a denial when a spot can be booked, when you are on the waitlist already, and when a
/// booking would be refused for another reason than a full event. A freed spot goes to the first client on
/// the waitlist who may have it.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 201, body = WaitedView)),
    extensions(("x-permission" = json!("own.book")), ("x-denials" = json!(crate::denials::WAIT)))
)]
#[post("/events/{event_id}/waitlist")]
pub(super) async fn join_waitlist(
    Allow(permit): Allow<BookEvent>,
    Path(event): Path<EventId>,
    once: Once,
) -> Result<Reply<WaitedView>, ApiError> {
    let wait = async |tx: &mut TenantTx, now| {
        events::wait(&permit, &mut tx.events(), event, now).await.map(WaitedView::from)
    };
    once.queued_on(event.uuid()).created(&permit, wait).await
}
