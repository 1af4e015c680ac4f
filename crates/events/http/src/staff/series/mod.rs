//! Series of recurring events.

mod create_series;
mod draft;
mod edit_series;
mod end_series;
mod get_series;
mod list_series;
mod preview_series;
mod rule;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_series::list_series)
        .service(create_series::create_series)
        .service(preview_series::preview_series)
        .service(get_series::get_series)
        .service(edit_series::edit_series)
        .service(end_series::end_series);
}
