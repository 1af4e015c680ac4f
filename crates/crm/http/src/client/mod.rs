//! The profile of the signed-in client (MEM-10).

mod consents;
mod edit_me;
mod get_me;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_me::get_me)
        .service(edit_me::edit_me)
        .service(consents::list_my_consents)
        .service(consents::record_my_consent)
        .service(consents::list_my_consent_texts);
}
