//! What operators of the platform see and do: its numbers, what providers sent, and work that was given up.

mod get_overview;
mod get_webhook;
mod list_dead_jobs;
mod list_webhooks;
mod replay_job;
mod replay_webhook;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_overview::get_overview)
        .service(list_webhooks::list_webhooks)
        .service(get_webhook::get_webhook)
        .service(replay_webhook::replay_webhook)
        .service(list_dead_jobs::list_dead_jobs)
        .service(replay_job::replay_job);
}
