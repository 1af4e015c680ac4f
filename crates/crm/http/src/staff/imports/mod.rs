//! Imports of clients from files of other systems: upload, check, confirmation and progress.
//!
//! The file is the body of the request, and the options are query parameters. So the file is streamed from
//! `fetch(url, {body: file})` of a browser or `curl --data-binary` into the database, and the contract
//! describes each option with its type. A multipart form would have to be parsed first.

mod confirm_import;
mod discard_import;
mod get_errors;
mod get_import;
mod list_imports;
mod upload_import;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(upload_import::upload_import)
        .service(list_imports::list_imports)
        .service(get_errors::get_errors)
        .service(get_import::get_import)
        .service(confirm_import::confirm_import)
        .service(discard_import::discard_import);
}
