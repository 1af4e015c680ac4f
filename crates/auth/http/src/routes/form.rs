//! Shared parts of the requests and answers of signing in.

use actix_web::{HttpRequest, HttpResponse, http::header};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use tryzore_auth::{Device, Origin, Refusal, Settled};
use tryzore_kernel::Problem;
use tryzore_postgres::RequestOrigin;
use tryzore_web::{ApiError, request::request_origin_of};
use utoipa::ToSchema;

/// The device of the request, by its own description.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceForm {
    /// An identifier that the app created once and stores. If it is given, refresh tokens work on this device
    /// only.
    #[serde(default, deserialize_with = "at_most_255_characters")]
    #[schema(max_length = 255)]
    id: Option<String>,
    /// The name that the owner gave the device.
    #[serde(default, deserialize_with = "at_most_255_characters")]
    #[schema(max_length = 255)]
    name: Option<String>,
}

// A longer text is refused, as the contract says, because a shortened one could equal that of another device.
fn at_most_255_characters<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Option::<String>::deserialize(from)? {
        Some(text) if text.chars().count() > 255 => Err(D::Error::custom("expected at most 255 characters")),
        text => Ok(text),
    }
}

/// The origin of `request`.
pub(super) fn origin(request: &HttpRequest, device: Option<DeviceForm>) -> Origin {
    let DeviceForm { id, name } = device.unwrap_or_default();
    let RequestOrigin { ip_address, user_agent } = request_origin_of(request);
    Origin { ip: ip_address, device: Device::new(id, name, user_agent) }
}

/// The access token in a text that may be logged by nobody.
pub(super) fn told(secret: &SecretString) -> String {
    secrecy::ExposeSecret::expose_secret(secret).to_owned()
}

/// An answer that contains a secret.
pub(super) fn secret(status: u16, body: &impl Serialize) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or(actix_web::http::StatusCode::OK);
    HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// The result of a transaction that also stores refusals.
pub(super) fn settled<T>(outcome: Result<Result<T, Refusal>, Problem>) -> Result<T, ApiError> {
    outcome?.map_err(refused)
}

/// The answer for a refusal, with the time to wait.
pub(super) fn refused(refusal: Refusal) -> ApiError {
    let retry_after = refusal.retry_after_seconds();
    if let Refusal::Unavailable(why) = &refusal {
        tracing::error!(why, "the identity provider could not be reached");
    }
    let error = ApiError::from(refusal);
    if retry_after.is_some() { error.retry_after(retry_after) } else { error }
}

/// The result of a use case whose refusals store nothing but decisions: the transaction is rolled back, the
/// decisions are recorded, and the denial names the last one.
pub(super) fn undone<T>(settled: Settled<T>) -> Result<T, Problem> {
    settled?.map_err(Problem::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_device_have_at_most_255_characters() {
        let read = |length: usize| {
            let device = serde_json::json!({ "id": "é".repeat(length), "name": null });
            serde_json::from_value::<DeviceForm>(device)
        };
        assert!(read(255).is_ok_and(|device| device.id.is_some() && device.name.is_none()));
        assert!(read(256).is_err());
        assert!(serde_json::from_str::<DeviceForm>("{}").is_ok());
    }
}
