//! `GET /platform/webhooks`: what providers sent.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{
    Db, PlatformTx,
    webhooks::{DeliveryFilter, DeliveryState, DeliveryView},
};
use tryzore_rbac::platform::ViewWebhooks;
use tryzore_web::{AllowPlatform, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only from this provider: `workos`.
    provider: Option<String>,
    /// Only those that stand so: `pending` (not processed, whether it waits or was given up),
    /// `processed` or `dead`.
    #[param(inline)]
    state: Option<DeliveryState>,
    /// Only of this kind, in the provider's words.
    event_type: Option<String>,
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What providers sent
///
/// For operators. The newest first, without what was sent.
#[utoipa::path(
    tag = "platform",
    params(Asked),
    responses((status = 200, body = Page<DeliveryView>)),
    extensions(("x-permission" = json!("platform.view_webhooks")))
)]
#[get("/platform/webhooks")]
pub(super) async fn list_webhooks(
    AllowPlatform(permit): AllowPlatform<ViewWebhooks>,
    Parameters(Asked { provider, state, event_type, limit, cursor }): Parameters<Asked>,
    db: Data<Db>,
) -> Result<Json<Page<DeliveryView>>, ApiError> {
    let paging = Paging { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after()?);
    let filter = DeliveryFilter { state, provider, event_type };
    let list = async |tx: &mut PlatformTx| tx.webhooks_list(filter, after, limit).await;
    Ok(Json(db.operator_tx(&permit, list).await?))
}
