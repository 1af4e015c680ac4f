//! Who gets as far as an operation at all: pages of the list (AUT-08), and nobody too often (AUT-07).

use futures::future::{BoxFuture, FutureExt, ready};
use reqwest::{Client, Method, Response, header::HeaderMap};
use serde_json::Value;
use std::{collections::HashMap, num::NonZeroU32, sync::Arc};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{OrganizationId, Problem, UserId};
use tryzore_rbac::Grants;
use tryzore_testkit::{TestTenant, http::Api};
use tryzore_web::{Authenticator, HttpSettings, Running, Service, server, settings::LimitSettings};

const LISTED: &str = "https://app.example.com";

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn aut_08_a_page_of_the_list_may_call_and_no_other_that_looks_like_it() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let url = format!("{}/api/v1/onboarding/recovery-options", api.url());
    let from = async |method: Method, origin: &str| -> Response {
        let request = Client::new().request(method, &url).header("Origin", origin);
        request.header("Access-Control-Request-Method", "GET").send().await.unwrap()
    };
    let preflight = from(Method::OPTIONS, LISTED).await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(header(preflight.headers(), "access-control-allow-origin"), Some(LISTED));
    assert!(header(preflight.headers(), "access-control-allow-headers").unwrap().contains("If-Match"));
    let answer = from(Method::GET, LISTED).await;
    assert_eq!((answer.status().as_u16(), header(answer.headers(), "vary")), (200, Some("Origin")));
    assert_eq!(header(answer.headers(), "access-control-allow-origin"), Some(LISTED));
    assert!(header(answer.headers(), "access-control-expose-headers").unwrap().contains("ETag"));
    for other in [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://example.com",
        "null",
    ] {
        let refused = from(Method::OPTIONS, other).await;
        assert_eq!(refused.status(), 403, "{other}");
        assert_eq!(header(refused.headers(), "access-control-allow-origin"), None, "{other}");
        let unread = from(Method::GET, other).await;
        assert_eq!(header(unread.headers(), "access-control-allow-origin"), None, "{other}");
    }
    api.stop().await;
}

/// Admits whoever brings one of these tokens.
struct TestAuthenticator(HashMap<&'static str, Arc<Grants>>);

impl Authenticator for TestAuthenticator {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        let known = self.0.get(token).cloned();
        ready(known.ok_or_else(|| Problem::unauthenticated("auth.token.unknown", "sign in"))).boxed()
    }
}

/// A service with these limits: 8 per address, 3 per user, 2 per API key, 5 per location.
fn counting(studio: &TestTenant, callers: HashMap<&'static str, Arc<Grants>>) -> Running {
    let service = Service {
        title: "Test",
        description: "",
        routes,
        authenticator: Arc::new(TestAuthenticator(callers)),
        db: studio.db.clone(),
        state: Arc::new(|_| {}),
    };
    let [per_address, per_user, per_api_key, per_organization] =
        [8, 3, 2, 5].map(|n| NonZeroU32::new(n).unwrap());
    let settings = HttpSettings {
        address: [127, 0, 0, 1].into(),
        port: 0,
        threads: Some(1),
        origins: Vec::new(),
        drain_seconds: 1,
        body: Default::default(),
        limits: LimitSettings { per_address, per_user, per_api_key, per_organization, trusted_proxies: 1 },
    };
    server::start(service, &settings).unwrap()
}

#[tokio::test]
async fn aut_07_each_address_user_and_location_has_its_own_limit() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let staff =
        |at: OrganizationId| studio.as_staff(UserId::generate(studio.now()), at, &["settings.manage_roles"]);
    let callers =
        HashMap::from([("ada", staff(studio.main)), ("bea", staff(studio.main)), ("cleo", staff(downtown))]);
    let running = counting(&studio, callers);
    let call = async |token: &str, address: &str| {
        let url = format!("{}/api/v1/permissions", running.url());
        let request = Client::new().get(url).bearer_auth(token).header("X-Forwarded-For", address);
        request.send().await.unwrap()
    };
    let admitted = async |token: &str, address: &str, left: &str| {
        let answer = call(token, address).await;
        assert_eq!((answer.status().as_u16(), header(answer.headers(), "ratelimit")), (200, Some(left)));
    };
    let refused = async |token: &str, address: &str, limit: &str| {
        let answer = call(token, address).await;
        assert_eq!(answer.status(), 429, "{limit}");
        let wait: u64 = header(answer.headers(), "retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(
            (&problem["code"], &problem["denial"]["because"][0]["value"]),
            (&"request.too_often".into(), &limit.into())
        );
    };
    // The third of a user is the last, from wherever it comes.
    for (address, left) in [("192.0.2.1", "\"user\";r=2"), ("192.0.2.2", "\"user\";r=1")] {
        admitted("ada", address, left).await;
    }
    admitted("ada", "192.0.2.1", "\"user\";r=0").await;
    refused("ada", "192.0.2.2", "user").await;
    // The fifth at a location is the last, whoever asks.
    admitted("bea", "192.0.2.3", "\"organization\";r=1").await;
    admitted("bea", "192.0.2.3", "\"organization\";r=0").await;
    refused("bea", "192.0.2.3", "organization").await;
    admitted("cleo", "192.0.2.3", "\"user\";r=2").await;
    // The eighth of an address is the last, known or not.
    for _ in 0..8 {
        assert_eq!(call("nobody", "192.0.2.9").await.status(), 401);
    }
    refused("nobody", "192.0.2.9", "address").await;
    refused("cleo", "192.0.2.9", "address").await;
    admitted("cleo", "192.0.2.4", "\"user\";r=1").await;
    running.stop().await;
}
