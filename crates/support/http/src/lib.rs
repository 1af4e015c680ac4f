//! The operations of manual overrides (SUP-09), for any actix application.
//!
//! - [`staff_routes`]: what staff see and do. The application gives them the [`Registry`] of the domains that own
//!   the data.

mod denials;
mod routes;
mod view;

use actix_web::web::Data;
pub use tryzore_support_postgres::Registry;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff, for the kinds of `registry`.
pub fn staff_routes(config: &mut ServiceConfig, registry: Registry) {
    config.app_data(Data::new(registry));
    config.configure(routes::routes);
}
