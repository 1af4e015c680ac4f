//! `GET /auth/jwks` and `/.well-known/jwks.json`: what access tokens are verified with (RFC 7517).

use crate::sign_in::Desk;
use actix_web::{HttpResponse, get, http::header, web::Data};
use serde::Serialize;
use tryzore_postgres::Db;
use utoipa::ToSchema;

/// A JSON Web Key Set.
#[derive(Serialize, ToSchema)]
struct KeySetView {
    /// Ed25519 keys (RFC 8037): the one that signs, the next one, and those that still verify.
    #[allow(dead_code, reason = "the shape of the answer, for the contract")]
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

/// The keys that access tokens are verified with
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = KeySetView)),
    extensions(("x-permission" = json!("public")))
)]
#[get("/auth/jwks")]
pub(super) async fn get_keys(desk: Desk, db: Data<Db>) -> HttpResponse {
    answer(&desk, &db)
}

/// The same, where others look for it.
#[actix_web::get("/.well-known/jwks.json")]
pub(crate) async fn well_known_keys(desk: Desk, db: Data<Db>) -> HttpResponse {
    answer(&desk, &db)
}

fn answer(desk: &Desk, db: &Db) -> HttpResponse {
    // As long as a new key is published before it signs.
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(desk.signing.key_set(db.clock().now()))
}
