//! Templates of events.

mod archive_template;
mod create_template;
mod edit_template;
mod get_template;
mod list_templates;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_templates::list_templates)
        .service(create_template::create_template)
        .service(get_template::get_template)
        .service(edit_template::edit_template)
        .service(archive_template::archive_template);
}
