//! `POST /events/{event_id}/waitlist`: staff add a client to the waitlist.

use super::{attendance::AttendanceView, book_for_client::ForClient};
use actix_web::post;
use serde::Serialize;
use tryzore_events::{self as events, permission::ManageAttendance, wait::Waited};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, WaitlistEntryId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// The result of adding a client to the waitlist.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum AddedView {
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
        booking: AttendanceView,
    },
}

impl From<Waited> for AddedView {
    fn from(waited: Waited) -> Self {
        match waited {
            Waited::InLine { entry, rank } => {
                Self::Waiting { entry_id: entry, position: rank.position, of: rank.of }
            }
            Waited::Promoted(booking) => Self::Promoted { booking: booking.into() },
        }
    }
}

/// Add a client to the waitlist
///
/// The rules are the same as when clients join the waitlist themselves. The entry names the employee who
/// added the client.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path)),
    request_body = ForClient,
    responses((status = 201, body = AddedView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(crate::denials::WAIT))
    )
)]
#[post("/events/{event_id}/waitlist")]
pub(super) async fn add_to_waitlist(
    Allow(permit): Allow<ManageAttendance>,
    Path(event): Path<EventId>,
    Body(ForClient { client_id }): Body<ForClient>,
    once: Once,
) -> Result<Reply<AddedView>, ApiError> {
    let add = async |tx: &mut TenantTx, now| {
        events::wait_for(&permit, &mut tx.events(), event, client_id, now).await.map(AddedView::from)
    };
    once.created(&permit, add).await
}
