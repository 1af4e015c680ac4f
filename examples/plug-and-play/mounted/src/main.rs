//! A web application of our own, in which clients book: a route of ours beside the operations of two domains.
//!
//! Its settings are those of the platform's own services (`docs/operations.md`). Two have no default:
//! `TRYZORE__DATABASE__URL`, and `TRYZORE__AUTH__KEY_ENCRYPTION_KEY`, 32 bytes in base64.

use actix_web::{App, HttpServer, web};
use tryzore_web::{Program, ServiceConfig, Settings, program::stop_signal, settings};

/// What of the platform this application offers.
const BOOKING: Program = Program {
    name: "mounted",
    title: "Lagoon booking",
    description: "Sign in, see what is on, book.",
    routes: operations,
    authenticate: tryzore_auth_http::authenticate,
};

fn operations(config: &mut ServiceConfig) {
    config.configure(tryzore_auth_http::routes).configure(tryzore_events_http::client_routes);
    // What every API offers: a decision explained, and the live stream of what happens.
    config.configure(tryzore_web::routes::shared);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = settings::load(BOOKING.name)?;
    let booking = BOOKING.mount(&settings, |_| {}).await?;
    let mounted = booking.clone();
    let server = HttpServer::new(move || {
        // Mounted last: it answers every path that the application has not taken before.
        App::new().route("/hello", web::get().to(hello)).configure(|app| mounted.configure(app))
    });
    let stopped = async move {
        stop_signal().await.ok();
        // A server waits for the requests that it is answering, and a live stream is one of them.
        booking.end_streams();
    };
    let address = (settings.http.address, settings.http.port);
    server.bind(address)?.shutdown_signal(stopped).run().await?;
    Ok(())
}

async fn hello() -> &'static str {
    "Hello from the Lagoon."
}
