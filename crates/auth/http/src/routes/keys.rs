//! `GET /auth/jwks` and `/.well-known/jwks.json`: the keys that verify access tokens (RFC 7517); and
//! `/.well-known/openid-configuration`, where services that know only the issuer find them.

use crate::sign_in::SignInService;
use actix_web::{HttpResponse, HttpResponseBuilder, get, http::header, web::Data};
use serde::Serialize;
use tryzore_postgres::Db;
use utoipa::ToSchema;

/// A JSON Web Key Set.
#[derive(Serialize, ToSchema)]
struct KeySetView {
    /// Ed25519 keys (RFC 8037): the one that signs, the next one, and those that still verify.
    #[allow(dead_code, reason = "the schema of the answer, for the contract")]
    keys: Vec<KeyView>,
}

#[derive(Serialize, ToSchema)]
struct KeyView {
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: String,
    #[schema(example = "EdDSA")]
    alg: String,
    kid: String,
    x: String,
}

/// List the public signing keys
///
/// The JSON Web Key Set that access tokens are verified with. It holds the current key and those whose
/// tokens have not expired yet.
#[utoipa::path(
    operation_id = "list_signing_keys",
    tag = "auth",
    responses((status = 200, body = KeySetView)),
    extensions(("x-permission" = json!("public")))
)]
#[get("/auth/jwks")]
pub(super) async fn get_keys(service: SignInService, db: Data<Db>) -> HttpResponse {
    answer(&service, &db)
}

/// The same keys at the well-known path.
#[actix_web::get("/.well-known/jwks.json")]
pub(crate) async fn well_known_keys(service: SignInService, db: Data<Db>) -> HttpResponse {
    answer(&service, &db)
}

/// The metadata of the issuer of access tokens (OpenID Connect Discovery 1.0), for services that verify
/// tokens. It has no endpoints of OpenID Connect: people sign in with the operations of this API.
#[derive(Serialize)]
struct IssuerView<'a> {
    /// The exact `iss` of access tokens.
    issuer: &'a str,
    /// The URL of the keys.
    jwks_uri: String,
    response_types_supported: [&'a str; 0],
    subject_types_supported: [&'a str; 1],
    id_token_signing_alg_values_supported: [&'a str; 1],
}

/// The metadata of the issuer at the well-known path.
#[actix_web::get("/.well-known/openid-configuration")]
pub(crate) async fn well_known_issuer(service: SignInService) -> HttpResponse {
    let issuer = service.signing.issuer();
    cached().json(IssuerView {
        issuer,
        jwks_uri: format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')),
        response_types_supported: [],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["EdDSA"],
    })
}

fn answer(service: &SignInService, db: &Db) -> HttpResponse {
    cached().json(service.signing.key_set(db.clock().now()))
}

fn cached() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    // Shorter than the time for which a new key is published before it signs.
    response.insert_header((header::CACHE_CONTROL, "public, max-age=300"));
    response
}
