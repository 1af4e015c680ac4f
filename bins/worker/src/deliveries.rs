//! Applies the deliveries of providers.

use chrono::{DateTime, Utc};
use tryzore_auth::follow_provider::{ProviderNews, follow_provider};
use tryzore_auth_postgres::Auth;
use tryzore_platform::{Delivery, ProcessError, Verdict};
use tryzore_postgres::{scopes::NoTenant, store::Parts};
use tryzore_provider_workos::webhook;

/// Applies the news in a delivery; ignores events that the product does not use.
pub(crate) async fn apply(
    mut tx: Parts<'_, NoTenant>,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<Verdict, ProcessError> {
    match read(delivery).map_err(ProcessError::Unreadable)? {
        Some(news) => {
            follow_provider(&mut tx.auth(), news, now).await?;
            Ok(Verdict::Applied)
        }
        None => Ok(Verdict::Ignored),
    }
}

fn read(delivery: &Delivery) -> Result<Option<ProviderNews>, String> {
    match delivery.provider.as_str() {
        "workos" => webhook::read(&delivery.raw_payload)
            .map(|payload| payload.news)
            .map_err(|error| error.to_string()),
        other => Err(format!("deliveries of `{other}` are not supported")),
    }
}
