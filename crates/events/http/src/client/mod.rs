//! The schedule, bookings and waitlists for clients.

mod book_event;
mod browse;
mod cancel_booking;
mod get_event;
mod get_ticket;
mod join_waitlist;
mod leave_waitlist;
mod list_bookings;
mod list_cross_location_events;
mod list_events;
mod list_waits;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_events::list_events)
        // Registered before `/events/{event_id}`, which would read its name as an id.
        .service(list_cross_location_events::list_cross_location_events)
        .service(get_event::get_event)
        .service(book_event::book_event)
        .service(cancel_booking::cancel_booking)
        .service(join_waitlist::join_waitlist)
        .service(leave_waitlist::leave_waitlist)
        .service(list_bookings::list_bookings)
        .service(get_ticket::get_ticket)
        .service(list_waits::list_waits);
}
