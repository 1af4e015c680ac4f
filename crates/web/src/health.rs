//! Whether a service is alive, ready for calls, and how it is doing.

use actix_web::{HttpResponse, get, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tryzore_postgres::Db;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process runs.
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "live" })
}

/// The database answers.
#[get("/health/ready")]
pub(crate) async fn ready(db: Data<Db>) -> HttpResponse {
    match db.ping().await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ready" }),
        Err(_) => HttpResponse::ServiceUnavailable().json(Health { status: "no database" }),
    }
}

/// Prometheus text format.
#[get("/metrics")]
pub(crate) async fn metrics(handle: Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render())
}
