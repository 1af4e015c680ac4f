//! `GET /bookings/{booking_id}/calendar.ics`: a booking as a file for the calendar of the client (EVT-15).

use actix_web::{HttpResponse, get, http::header, web::Data};
use tryzore_events::permission::BookEvent;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::mine::my_ticket;
use tryzore_kernel::{BookingId, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Get a booking as a calendar file
///
/// An iCalendar file with one entry. Importing it again moves the entry when the event was moved, and
/// removes it when the booking was canceled.
#[utoipa::path(
    operation_id = "get_booking_calendar",
    tag = "events",
    params(("booking_id" = BookingId, Path)),
    responses((status = 200, body = String, content_type = "text/calendar")),
    extensions(("x-permission" = json!("own.book")))
)]
#[get("/bookings/{booking_id}/calendar.ics")]
pub(super) async fn get_ticket(
    Allow(permit): Allow<BookEvent>,
    Path(booking): Path<BookingId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let ticket =
        db.tenant_tx(&permit, async |tx| my_ticket(&permit, &mut tx.events(), booking).await).await?;
    let ticket = ticket.ok_or_else(|| Problem::not_found("booking"))?;
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8; method=PUBLISH")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"booking.ics\""))
        .body(ticket.to_ical(db.clock().now())))
}
