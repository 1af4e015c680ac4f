//! Clients: their data, their visits and changes of their data (MEM-03, MEM-04, MEM-10).

mod add_client;
mod archive_client;
mod edit_client;
mod get_client;
mod get_history;
mod list_clients;
mod restore_client;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_clients::list_clients)
        .service(add_client::add_client)
        .service(get_client::get_client)
        .service(edit_client::edit_client)
        .service(archive_client::archive_client)
        .service(restore_client::restore_client)
        .service(get_history::get_history);
}
