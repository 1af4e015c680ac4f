//! The operations of clients and imports, for any actix application.
//!
//! - [`staff_routes`]: what staff see of clients and do with them, and imports of files of clients.
//! - [`client_routes`]: what clients see and change of their own data.

mod client;
mod consent_view;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff.
pub fn staff_routes(config: &mut ServiceConfig) {
    config
        .configure(staff::imports::routes)
        .configure(staff::clients::routes)
        .configure(staff::consents::routes);
}

/// Adds the operations of clients.
pub fn client_routes(config: &mut ServiceConfig) {
    config.configure(client::routes);
}
