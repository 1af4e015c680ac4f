//! Where things are: the addresses that people are told, one spelling of each path, and HEAD.

use futures::future::join_all;
use reqwest::{Client, Method, header::HeaderValue, redirect::Policy};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};
use tryzore_app_api::routes::routes;
use tryzore_kernel::UserId;
use tryzore_testkit::{TestTenant, http::Api};

/// The addresses of the APIs that the file names: what follows the port.
fn told(file: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(file)).unwrap();
    let ends = |c: char| c.is_whitespace() || matches!(c, '>' | '"' | '\'' | '`' | ')');
    let paths = ["http://127.0.0.1:8080", "http://127.0.0.1:8081"].iter().flat_map(|host| {
        text.split(host).skip(1).filter_map(move |rest| rest.split(ends).next()).map(str::to_owned)
    });
    paths.filter(|path| !path.contains("/api/v1")).collect()
}

#[tokio::test]
async fn every_address_that_people_are_told_leads_somewhere() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let mut paths = BTreeSet::from(["/docs", "/docs/", "/docs/index.html", ""].map(str::to_owned));
    for file in ["README.md", "docs/http.md", "docs/development.md", "xtask/src/command/up.rs"] {
        let named = told(file);
        assert!(!named.is_empty() || file == "docs/development.md", "{file} names no address");
        paths.extend(named);
    }
    assert!(paths.contains("/health/ready"), "{paths:?}");
    for path in &paths {
        let answer = reqwest::get(format!("{}{path}", api.url())).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        if path.contains("docs") {
            assert!(answer.text().await.unwrap().contains("<title>Swagger UI</title>"), "{path}");
        }
    }
    // What the page loads: its scripts, and the contract.
    for path in ["/docs/swagger-initializer.js", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        assert_eq!(reqwest::get(format!("{}{path}", api.url())).await.unwrap().status(), 200, "{path}");
    }
    api.stop().await;
}

#[tokio::test]
async fn the_type_of_a_denial_leads_to_what_it_means() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let nobody = api.admit(studio.as_staff(UserId::generate(studio.now()), studio.main, &[]));
    let me = Client::new().get(format!("{}/api/v1/bookings", api.url())).bearer_auth(nobody);
    let refused: Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(refused["type"], "/problems#rbac.permission.missing", "{refused}");
    let missing = reqwest::get(format!("{}/api/v1/nowhere", api.url())).await.unwrap();
    assert_eq!(missing.json::<Value>().await.unwrap()["type"], "about:blank");

    let page = reqwest::get(format!("{}/problems", api.url())).await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["content-type"]), (200, &html()));
    let page = page.text().await.unwrap();
    assert!(page.contains("id=\"rbac.permission.missing\"") && !page.contains("http"), "{page}");
    api.stop().await;
}

fn html() -> HeaderValue {
    HeaderValue::from_static("text/html; charset=utf-8")
}

#[test]
fn the_shell_example_uses_no_variable_that_it_has_not_set() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/http.md")).unwrap();
    let example = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (mut set, mut used) = (BTreeSet::new(), 0);
    for line in example.lines() {
        for rest in line.split('$').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        {
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(set.contains(&name), "{name} is not set before: {line}");
            used += 1;
        }
        if let Some((name, _)) = line.split_once('=') {
            set.insert(name.to_owned());
        }
    }
    assert!(used >= 5, "{example}");
}

#[tokio::test]
async fn a_path_has_one_spelling() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let address = api.url().strip_prefix("http://").unwrap().to_owned();
    // Written to the wire as they are: a client would tidy them up.
    let get = |path: &'static str| {
        let address = address.clone();
        async move {
            wire(&address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await
        }
    };
    assert!(get("/metrics").await.starts_with("HTTP/1.1 200"));
    let others =
        ["//metrics", "/metrics/", "/%6detrics", "/metric%73", "/./metrics", "/Metrics", "/api/v1//me"];
    for (path, answer) in others.iter().zip(join_all(others.map(get)).await) {
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("x-request-id"), "{answer}");
    }
    api.stop().await;
}

#[tokio::test]
async fn head_is_wherever_get_is() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let member = studio.member(studio.main).await;
    let token = api.admit(studio.as_client(member, studio.main));
    let ask = async |method: Method, path: &str| {
        let request = client.request(method, format!("{}{path}", api.url())).bearer_auth(&token);
        request.send().await.unwrap()
    };
    for path in [
        "/health/live",
        "/metrics",
        "/docs/",
        "/docs",
        "/openapi.json",
        "/api/v1/me",
        "/api/v1/none",
        "/none",
    ] {
        let (get, head) = (ask(Method::GET, path).await, ask(Method::HEAD, path).await);
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers().get("content-type"), get.headers().get("content-type"), "{path}");
        if path == "/health/live" {
            assert_eq!(head.headers()["content-length"], get.headers()["content-length"]);
        }
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
    // A stream would never end.
    let stream = ask(Method::HEAD, "/api/v1/stream").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(stream.bytes().await.unwrap().is_empty());
    let refused = ask(Method::DELETE, "/api/v1/me").await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["allow"]),
        (405, &"GET, HEAD, PUT".parse().unwrap())
    );
    api.stop().await;
}

/// What the service answers to `request`, to the end of the connection.
pub(crate) async fn wire(address: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has answered before.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
