//! What is on, and a spot at it.

mod book_event;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(book_event::book_event);
}
