//! Operations for operators of the platform: tenants, deliveries of providers and dead jobs.

mod delete_tenant;
mod get_tenant;
mod get_webhook;
mod list_dead_jobs;
mod list_tenants;
mod list_webhooks;
mod reactivate_tenant;
mod replay_job;
mod replay_webhook;
mod status;
mod suspend_tenant;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_tenants::list_tenants)
        .service(get_tenant::get_tenant)
        .service(suspend_tenant::suspend_tenant)
        .service(reactivate_tenant::reactivate_tenant)
        .service(delete_tenant::delete_tenant)
        .service(list_webhooks::list_webhooks)
        .service(get_webhook::get_webhook)
        .service(replay_webhook::replay_webhook)
        .service(list_dead_jobs::list_dead_jobs)
        .service(replay_job::replay_job);
}
