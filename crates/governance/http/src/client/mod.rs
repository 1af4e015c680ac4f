//! What others have read about the signed-in user.

mod list_my_access_log;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_my_access_log::list_my_access_log);
}
