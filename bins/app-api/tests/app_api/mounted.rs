//! The operations of this API beside others, in an application that is not ours.

use crate::kill::members;
use actix_web::{
    App, HttpServer,
    web::{self, Data},
};
use chrono::Duration as Span;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use tryzore_app_api::PROGRAM;
use tryzore_kernel::{Clock, SystemClock};
use tryzore_postgres::DatabaseConfig;
use tryzore_testkit::{Database, Dispatch, Service, TestTenant, http::auth_settings};
use tryzore_web::{
    HttpSettings, Mount, Settings,
    settings::{BodySettings, LimitSettings, LogFormat, LogSettings},
};

// A third of the time between two looks without a wake-up.
const SOON: Duration = Duration::from_secs(10);

struct Greeting(&'static str);

async fn greet(greeting: Data<Greeting>) -> String {
    greeting.0.to_owned()
}

fn settings(studio: &TestTenant) -> Settings {
    let plenty = 1000.try_into().unwrap();
    Settings {
        http: HttpSettings {
            address: [127, 0, 0, 1].into(),
            port: 0,
            threads: Some(1),
            origins: vec!["http://localhost:3000".into()],
            drain_seconds: 5,
            body: BodySettings::default(),
            limits: LimitSettings {
                per_address: plenty,
                per_user: plenty,
                per_api_key: plenty,
                per_organization: plenty,
                trusted_proxies: 0,
            },
        },
        database: DatabaseConfig::new(studio.database.url(Service::Api)),
        auth: auth_settings(),
        log: LogSettings { format: LogFormat::Json, filter: "off".into() },
    }
}

/// What a stream says next that is an event; none at its end.
async fn event(stream: &mut Response) -> Option<String> {
    while let Some(piece) = stream.chunk().await.ok().flatten() {
        let text = String::from_utf8_lossy(&piece).into_owned();
        if text.contains("event: ") {
            return Some(text);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_mounts_the_api_has_everything_that_it_relies_on() {
    let studio = TestTenant::open_in(Database::own().await).await;
    studio.clock.set(SystemClock.now());
    let _dispatch = Dispatch::start(&studio);
    let class = studio.class(studio.main, 8, Span::days(1)).await;
    let token = members(&studio, 1).await.remove(0);

    let program = PROGRAM;
    let state = |app: &mut web::ServiceConfig| {
        app.app_data(Data::new(Greeting("of the API")));
    };
    let mount: Mount = program.mount(&settings(&studio), state).await.unwrap();
    let parts = mount.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(Greeting("of the application")))
            .route("/own", web::get().to(greet))
            .configure(|app| parts.configure(app))
    });
    let server = server.workers(1).disable_signals().shutdown_timeout(5).bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    let ask = |method: Method, path: &str| Client::new().request(method, format!("{url}{path}"));

    let own = ask(Method::GET, "/own").send().await.unwrap();
    assert!(!own.headers().contains_key("x-request-id"), "what is not mounted is left alone");
    assert_eq!(own.text().await.unwrap(), "of the application");
    let none = ask(Method::GET, "/api/v1/none").send().await.unwrap();
    assert_eq!(
        (none.status().as_u16(), &none.headers()["content-type"]),
        (404, &"application/problem+json".parse().unwrap())
    );
    assert!(none.headers().contains_key("x-request-id") && none.headers().contains_key("ratelimit"));
    let preflight = ask(Method::OPTIONS, "/api/v1/me").header("Origin", "http://localhost:3000");
    let preflight = preflight.header("Access-Control-Request-Method", "GET").send().await.unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(ask(Method::GET, "/docs").send().await.unwrap().status(), 200);

    let mut stream = ask(Method::GET, "/api/v1/stream").bearer_auth(&token).send().await.unwrap();
    let book = ask(Method::POST, &format!("/api/v1/events/{class}/book")).bearer_auth(&token);
    assert_eq!(book.send().await.unwrap().status(), 201);
    let told = timeout(SOON, event(&mut stream)).await.expect("long before it would look by itself");
    assert!(told.unwrap().contains("events."));

    // Signed out, which every process is told.
    let sign_out = ask(Method::POST, "/api/v1/auth/logout").bearer_auth(&token).send().await.unwrap();
    assert!(sign_out.status().is_success(), "{:?}", sign_out.text().await);
    timeout(SOON, async { while event(&mut stream).await.is_some() {} }).await.expect("its session is over");
    let after = ask(Method::GET, "/api/v1/me").bearer_auth(&token).send().await.unwrap();
    assert_eq!(after.status(), 401);
    assert_eq!(after.json::<Value>().await.unwrap()["status"], json!(401));

    mount.end_streams();
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}
