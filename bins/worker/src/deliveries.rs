//! Parses the deliveries of providers.

use tryzore_auth::follow_provider::ProviderNews;
use tryzore_platform::Delivery;
use tryzore_provider_workos::webhook;

/// The news in a delivery; none for events that the product does not use.
pub(crate) fn read(delivery: &Delivery) -> Result<Option<ProviderNews>, String> {
    match delivery.provider.as_str() {
        "workos" => webhook::read(&delivery.raw_payload)
            .map(|payload| payload.news)
            .map_err(|error| error.to_string()),
        other => Err(format!("deliveries of `{other}` are not supported")),
    }
}
