//! `GET /platform/webhooks`: the deliveries of providers.

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_platform_postgres::Platform;
use tryzore_platform_postgres::{DeliveryFilter, DeliveryStatus, DeliveryView};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewWebhooks;
use tryzore_web::{AllowPlatform, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only deliveries of this provider, such as `workos`.
    provider: Option<String>,
    /// Only deliveries in this state: `pending` (not processed, whether waiting or dead), `processed` or
    /// `dead`.
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Only events of this type, by the name of the provider.
    event_type: Option<String>,
}

/// List webhook deliveries
///
/// For operators. The deliveries of providers, newest first, without their bodies.
#[utoipa::path(
    tag = "platform",
    params(Query, Paging),
    responses((status = 200, body = Page<DeliveryView>)),
    extensions(("x-permission" = json!("platform.view_webhooks")))
)]
#[get("/platform/webhooks")]
pub(super) async fn list_webhooks(
    AllowPlatform(permit): AllowPlatform<ViewWebhooks>,
    Listing(Query { provider, status, event_type }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<DeliveryView>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let filter = DeliveryFilter { status, provider, event_type };
    let list = async |tx: &mut PlatformTx| tx.platform().webhooks_list(filter, after, limit).await;
    Ok(paging.answer(db.operator_tx(&permit, list).await?))
}
