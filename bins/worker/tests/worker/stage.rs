//! A worker for a test tenant, and a relay for its mail.

use crate::relay::Relay;
use std::{num::NonZeroU32, time::Duration};
use tokio_util::sync::CancellationToken;
use tryzore_postgres::DatabaseConfig;
use tryzore_provider_smtp::MailSettings;
use tryzore_testkit::{Service, TestTenant};
use tryzore_web::{
    HttpSettings,
    settings::{LimitSettings, LogFormat, LogSettings, ProviderKind},
};
use tryzore_worker::{
    Settings,
    settings::{LinkSettings, ProviderSettings, WorkerSettings},
    worker::Worker,
};

pub(crate) fn settings(studio: &TestTenant, relay: &Relay) -> Settings {
    let plenty = NonZeroU32::new(1_000_000).unwrap();
    let limits = LimitSettings {
        per_address: plenty,
        per_user: plenty,
        per_api_key: plenty,
        per_organization: plenty,
        trusted_proxies: 0,
    };
    Settings {
        http: HttpSettings {
            address: [127, 0, 0, 1].into(),
            port: 0,
            threads: Some(1),
            origins: Vec::new(),
            drain_seconds: 1,
            body: Default::default(),
            limits,
        },
        database: DatabaseConfig::new(studio.database.url(Service::Work)),
        auth: ProviderSettings { provider: ProviderKind::Password, workos: None },
        mail: MailSettings::new(relay.url.clone(), "TryZore <no-reply@example.com>"),
        links: LinkSettings { pages: "https://app.example.com".into() },
        worker: WorkerSettings { concurrency: 4 },
        log: LogSettings { format: LogFormat::Json, filter: "off".into() },
    }
}

/// Waits until `holds`, for at most twenty seconds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Runs `test` with a worker; `test` gets the URL of the health checks.
pub(crate) async fn with_worker(studio: &TestTenant, relay: &Relay, test: impl AsyncFnOnce(&str)) {
    with_settings(studio, settings(studio, relay), test).await;
}

/// Runs `test` with a worker that has other settings.
pub(crate) async fn with_settings(studio: &TestTenant, settings: Settings, test: impl AsyncFnOnce(&str)) {
    let worker = Worker::new(settings, studio.clock.clone()).unwrap();
    let (url, stop) = (worker.url(), CancellationToken::new());
    let ((), ran) = tokio::join!(
        async {
            test(&url).await;
            stop.cancel();
        },
        worker.run(stop.clone())
    );
    ran.unwrap();
}

/// Waits until every event was handed on and every job is done.
pub(crate) async fn nothing_is_left(studio: &TestTenant) {
    let worker = studio.database.client(Service::Work).await;
    eventually("queue and outbox are drained", async || {
        let left = "SELECT (SELECT count(*) FROM runtime.jobs) + (SELECT count(*) FROM runtime.outbox WHERE position IS NULL)";
        worker.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
}
