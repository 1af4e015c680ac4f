//! `GET /platform/webhooks/{webhook_id}`: a delivery with its body.

use actix_web::{get, web::Data};
use tryzore_kernel::{Problem, WebhookId};
use tryzore_platform_postgres::OpenedDelivery;
use tryzore_platform_postgres::Platform;
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewWebhooks;
use tryzore_web::{AllowPlatform, ApiError, Path, Resource};

/// Get a webhook delivery
///
/// For operators. The delivery with its body, which may hold personal data: reading it is recorded in the
/// event log.
#[utoipa::path(
    tag = "platform",
    params(("webhook_id" = WebhookId, Path)),
    responses((status = 200, body = OpenedDelivery)),
    extensions(("x-permission" = json!("platform.view_webhooks")))
)]
#[get("/platform/webhooks/{webhook_id}")]
pub(super) async fn get_webhook(
    AllowPlatform(permit): AllowPlatform<ViewWebhooks>,
    Path(webhook): Path<WebhookId>,
    db: Data<Db>,
) -> Result<Resource<OpenedDelivery>, ApiError> {
    let opened = db
        .operator_tx(&permit, async |tx: &mut PlatformTx| tx.platform().webhook_open(webhook).await)
        .await?;
    Ok(Resource(opened.ok_or_else(|| Problem::not_found("delivery"))?))
}
