//! The audit trail.

mod list_access_log;
mod list_audit;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_audit::list_audit).service(list_access_log::list_access_log);
}
