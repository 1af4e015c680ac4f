//! `POST /webhooks/{provider}`: a delivery from a provider.

use crate::{
    Senders,
    provider::{Named, Provider},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::HeaderMap,
    post,
    web::{Bytes, Data, Payload},
};
use sha2::{Digest, Sha256};
use tryzore_kernel::Problem;
use tryzore_platform::{
    Arrival, Received,
    delivery::{NAME_MAX, PAYLOAD_MAX},
    receive as keep,
};
use tryzore_platform_postgres::Platform;
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Path};

/// The type of event of a delivery that names none.
pub const UNNAMED: &str = "unnamed";

/// Send a delivery
///
/// For providers: the signature is in the headers that the provider names. A repeated delivery gets the same
/// answer and is stored once.
#[utoipa::path(
    tag = "webhooks",
    operation_id = "receive_webhook",
    params(("provider" = String, Path, description = "The provider: `workos`")),
    request_body(content = serde_json::Value, content_type = "application/json"),
    responses((status = 202, description = "Stored; it will be processed in a moment")),
    extensions(("x-permission" = json!("public")))
)]
#[post("/webhooks/{provider}")]
pub(crate) async fn receive(
    Path(name): Path<String>,
    request: HttpRequest,
    body: Payload,
    senders: Data<Senders>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (provider, secret) = senders.find(&name).ok_or_else(|| Problem::not_found("provider"))?;
    let (body, now) = (read(body).await?, db.clock().now());
    (provider.verify)(secret, request.headers(), &body, now).map_err(|error| {
        tracing::warn!(provider = provider.name, reason = error.0, "a delivery was not believed");
        Problem::new(401, "webhooks.signature", "The signature is not valid", "sign the body as it is sent")
    })?;
    let arrival = arrival(provider, request.headers(), &body);
    let received = db.inbox_tx(async |tx| keep(&mut tx.platform(), arrival, now).await).await?;
    match received {
        Received::Kept(id) => tracing::info!(provider = provider.name, delivery = %id, "kept"),
        Received::Repeated => tracing::info!(provider = provider.name, "came before"),
    }
    Ok(HttpResponse::Accepted().finish())
}

async fn read(body: Payload) -> Result<Bytes, Problem> {
    match body.to_bytes_limited(PAYLOAD_MAX).await {
        Ok(read) => read.map_err(|_| Problem::malformed("the body could not be read to its end")),
        Err(_) => {
            let detail = format!("at most {PAYLOAD_MAX} bytes");
            Err(Problem::new(413, "request.too_large", "The body is too large", detail))
        }
    }
}

// A signed delivery without an id is stored as well: the same bytes are the same delivery.
fn arrival(provider: &Provider, headers: &HeaderMap, body: &Bytes) -> Arrival {
    let holds = |text: &str| (1..=NAME_MAX).contains(&text.chars().count()) && !text.contains('\0');
    let named = (provider.name_of)(body)
        .filter(|named| holds(&named.external_id) && holds(&named.event_type))
        .unwrap_or_else(|| {
            let digest = Sha256::digest(body);
            let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            Named { external_id: format!("sha256:{digits}"), event_type: UNNAMED.to_owned() }
        });
    let kept = provider.headers.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    Arrival {
        provider: provider.name.to_owned(),
        external_id: named.external_id,
        event_type: named.event_type,
        headers: kept.collect(),
        raw_payload: body.to_vec(),
    }
}
