//! Liveness, readiness and metrics of a service.

use actix_web::{HttpResponse, get, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tryzore_postgres::Db;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// Answers while the process runs.
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "live" })
}

/// Answers 200 if the database answers, else 503.
#[get("/health/ready")]
pub(crate) async fn ready(db: Data<Db>) -> HttpResponse {
    match db.ping().await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ready" }),
        Err(_) => HttpResponse::ServiceUnavailable().json(Health { status: "no database" }),
    }
}

/// The metrics in the text format of Prometheus.
#[get("/metrics")]
pub(crate) async fn metrics(handle: Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render())
}
