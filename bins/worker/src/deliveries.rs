//! Who understands what a provider has sent.

use tryzore_auth::follow_provider::ProviderNews;
use tryzore_platform::Delivery;
use tryzore_provider_workos::webhook;

/// What is in a delivery for us; none for events that we do not follow.
pub(crate) fn read(delivery: &Delivery) -> Result<Option<ProviderNews>, String> {
    match delivery.provider.as_str() {
        "workos" => webhook::read(&delivery.raw_payload)
            .map(|payload| payload.news)
            .map_err(|error| error.to_string()),
        other => Err(format!("nobody here reads what `{other}` sends")),
    }
}
