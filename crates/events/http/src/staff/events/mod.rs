//! The schedule, the rosters and the attendance at the front desk.

mod add_to_waitlist;
mod attendance;
mod book_for_client;
mod browse;
mod cancel_event;
mod cancel_for_client;
mod check_in;
mod complete_event;
mod confirm_event;
mod create_event;
mod edit_event;
mod excuse;
mod get_event;
mod get_roster;
mod get_waitlist;
mod import_calendar;
mod import_report;
mod list_client_bookings;
mod list_cross_location_events;
mod list_events;
mod mark_no_show;
mod reading;
mod remove_from_waitlist;
mod start;
mod start_event;
mod undo_attendance;
mod walk_in;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_events::list_events)
        .service(create_event::create_event)
        .service(import_calendar::import_calendar)
        // Registered before `/events/{event_id}`, which would read its name as an id.
        .service(list_cross_location_events::list_cross_location_events)
        .service(get_event::get_event)
        .service(edit_event::edit_event)
        .service(cancel_event::cancel_event)
        .service(get_roster::get_roster)
        .service(get_waitlist::get_waitlist)
        .service(add_to_waitlist::add_to_waitlist)
        .service(book_for_client::book_for_client)
        .service(cancel_for_client::cancel_for_client)
        .service(complete_event::complete_event)
        .service(check_in::check_in)
        .service(mark_no_show::mark_no_show)
        .service(undo_attendance::undo_attendance)
        .service(excuse::excuse)
        .service(confirm_event::confirm_event)
        .service(start_event::start_event)
        .service(remove_from_waitlist::remove_from_waitlist)
        .service(walk_in::walk_in)
        .service(list_client_bookings::list_client_bookings);
}
