//! Files of clients from other systems: uploaded, checked, confirmed, watched.
//!
//! The file is the body of the request and everything else is in its query: so it streams from the
//! browser's `fetch(url, {body: file})` or `curl --data-binary` into the database, and the contract
//! describes each option with its type. A form with parts would have to be taken apart first.

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
