//! The operations of the schedule, bookings and waitlists, for any actix application.
//!
//! - [`staff_routes`]: what staff see and do: the schedule, series, templates, attendance, the import of a calendar.
//! - [`client_routes`]: what clients see and do: the schedule, their bookings, their places on waitlists.

mod client;
mod denials;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff.
pub fn staff_routes(config: &mut ServiceConfig) {
    config
        .configure(staff::events::routes)
        .configure(staff::templates::routes)
        .configure(staff::series::routes);
    config.configure(staff::rooms::routes);
}

/// Adds the operations of clients.
pub fn client_routes(config: &mut ServiceConfig) {
    config.configure(client::routes);
}
