//! `POST /platform/webhooks/{webhook_id}/replay`: a delivery is processed again.

use actix_web::{HttpResponse, post, web::Data};
use tryzore_kernel::WebhookId;
use tryzore_platform_postgres::Platform;
use tryzore_postgres::Db;
use tryzore_rbac::platform::ReplayWebhooks;
use tryzore_web::{AllowPlatform, ApiError, Path};

/// Replay a webhook delivery
///
/// For operators. Processes a delivery again that was given up or processed. Several requests before it is
/// processed lead to one replay.
#[utoipa::path(
    tag = "platform",
    params(("webhook_id" = WebhookId, Path)),
    responses((status = 202, description = "The delivery will be processed again")),
    extensions(("x-permission" = json!("platform.replay_webhooks")), ("x-idempotency" = json!("none")))
)]
#[post("/platform/webhooks/{webhook_id}/replay")]
pub(super) async fn replay_webhook(
    AllowPlatform(permit): AllowPlatform<ReplayWebhooks>,
    Path(webhook): Path<WebhookId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    db.operator_tx(&permit, async |tx| tryzore_platform::replay(&mut tx.platform(), webhook).await).await?;
    Ok(HttpResponse::Accepted().finish())
}
