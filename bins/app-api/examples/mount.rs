//! The app API in an actix application of one's own, beside a route of its own.
//!
//! `cargo run -p tryzore-app-api --example mount`, with the settings of `tryzore-app-api` in the
//! environment (`docs/operations.md`); then `curl http://127.0.0.1:8081/own` and what `docs/http.md` says.

use actix_web::{App, HttpServer, web};
use tryzore_app_api::PROGRAM;
use tryzore_web::{Settings, settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings: Settings = settings::load("app-api")?;
    let mount = PROGRAM.mount(&settings, |_| {}).await?;
    let parts = mount.clone();
    HttpServer::new(move || {
        let own = web::get().to(async || "a route of your own");
        // Mounted last: what the application has not taken before is the API's.
        App::new().route("/own", own).configure(|app| parts.configure(app))
    })
    .bind((settings.http.address, settings.http.port))?
    .shutdown_signal(async move {
        // A server waits for what is under way, and a stream would be for as long as it may.
        let _ = tokio::signal::ctrl_c().await;
        mount.end_streams();
    })
    .run()
    .await?;
    Ok(())
}
