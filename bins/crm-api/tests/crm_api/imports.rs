//! Files of clients over HTTP: uploaded, checked, confirmed, watched.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

use reqwest::{Body, Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::Path;
use tryzore_crm_api::routes::routes;
use tryzore_crm_postgres::import;
use tryzore_kernel::{ImportId, UserId};
use tryzore_postgres::Db;
use tryzore_testkit::{Service, TestTenant, http::Api};

struct Desk {
    studio: TestTenant,
    api: Api,
    worker: Db,
    user: UserId,
    token: String,
}

impl Desk {
    async fn open() -> Self {
        let studio = TestTenant::open().await;
        let api = Api::start(&studio, routes);
        let worker = studio.database.as_service(Service::Work, studio.clock.clone());
        let user = UserId::generate(studio.now());
        let token = api.admit(studio.as_staff(user, studio.main, &["clients.*"]));
        Self { studio, api, worker, user, token }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.api.url())
    }

    fn upload(&self, query: &str, file: impl Into<Body>) -> RequestBuilder {
        let url = self.url(&format!("/clients/import{query}"));
        Client::new().post(url).bearer_auth(&self.token).header("Content-Type", "text/csv").body(file)
    }

    async fn get(&self, path: &str) -> Response {
        Client::new().get(self.url(path)).bearer_auth(&self.token).send().await.unwrap()
    }

    async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    async fn confirm(&self, path: &str) -> Response {
        Client::new()
            .post(self.url(&format!("{path}/confirm")))
            .bearer_auth(&self.token)
            .send()
            .await
            .unwrap()
    }

    async fn delete(&self, path: &str) -> Response {
        Client::new().delete(self.url(path)).bearer_auth(&self.token).send().await.unwrap()
    }

    /// What the worker does with the jobs that wait.
    async fn work(&self, import: &Value) {
        let id: ImportId = import["id"].as_str().unwrap().parse().unwrap();
        import::process(&self.worker, self.studio.tenant, id).await.unwrap();
    }

    async fn started(&self, query: &str, file: &'static str) -> (Value, String) {
        let response = self.upload(query, file).send().await.unwrap();
        assert_eq!(response.status(), 202);
        let import: Value = response.json().await.unwrap();
        let path = format!("/imports/{}", import["id"].as_str().unwrap());
        (import, path)
    }
}

fn sample() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/clients.csv")).unwrap()
}

async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem: Value = response.json().await.unwrap();
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

const TWO: &str = "Nome,Email\nAnna,anna@example.com\nBea,x\n";

#[tokio::test]
async fn a_file_goes_from_upload_to_clients_and_its_refused_rows_come_back() {
    let desk = Desk::open().await;
    let response = desk.upload("?file_name=soci.csv", sample()).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let import: Value = response.json().await.unwrap();
    assert_eq!((&import["status"], &import["file"]["name"]), (&json!("uploaded"), &json!("soci.csv")));
    assert_eq!(
        (&import["requested_by_user_id"], &import["options"]["country"]),
        (&json!(desk.user), &json!("IT"))
    );
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    assert_eq!(desk.get(&format!("{path}/errors.csv")).await.status(), 404, "nothing was read yet");
    let jobs = "SELECT count(*) FROM runtime.jobs WHERE kind = 'crm.import' AND payload->>'import' = $1";
    let owner = desk.studio.database.client(Service::Work).await;
    let waiting = async || owner.query_one(jobs, &[&import["id"].as_str()]).await.unwrap().get::<_, i64>(0);
    assert_eq!(waiting().await, 1);

    desk.work(&import).await;
    let checked = desk.read(&path).await;
    assert_eq!(
        (&checked["status"], &checked["progress"]),
        (&json!("checked"), &json!({"done": 5000, "total": 5000}))
    );
    assert_eq!((&checked["report"]["created"], &checked["report"]["refused"]), (&json!(4750), &json!(250)));
    assert_eq!(checked["report"]["by_reason"]["email.invalid"], 15);
    assert_eq!(checked["file_reading"]["sample"].as_array().unwrap().len(), 5);
    let fields: Vec<_> =
        checked["file_reading"]["columns"].as_array().unwrap().iter().map(|c| &c["field"]).collect();
    assert!(fields.contains(&&json!("email")) && fields.contains(&&Value::Null), "{fields:?}");

    let errors = desk.get(&format!("{path}/errors.csv")).await;
    assert_eq!(errors.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = errors.text().await.unwrap();
    assert!(
        csv.starts_with('\u{feff}') && csv.lines().next().unwrap().ends_with("row;error"),
        "{}",
        &csv[..200]
    );

    assert_eq!(desk.confirm(&path).await.status(), 202);
    assert_eq!(waiting().await, 2, "and a second job runs it");
    desk.work(&import).await;
    let finished = desk.read(&path).await;
    assert_eq!((&finished["status"], &finished["report"]), (&json!("finished"), &checked["report"]));
    assert!(finished["ended_at"].is_string());
    assert_eq!(desk.studio.count("SELECT count(*) FROM crm.clients").await, 4750);
    let answer = "SELECT payload->>'state', payload->>'done', organization_id, subject_id FROM runtime.outbox
                WHERE kind = 'crm.import_progress' ORDER BY seq";
    let answer = desk.studio.sql.query(answer, &[]).await.unwrap();
    let last = answer.last().unwrap();
    assert_eq!((last.get::<_, &str>(0), last.get::<_, &str>(1)), ("finished", "5000"));
    assert!(answer.iter().all(|row| row.get::<_, uuid::Uuid>(2) == desk.studio.main.uuid()
        && row.get::<_, uuid::Uuid>(3) == desk.user.uuid()));

    desk.studio.clock.pass(chrono::Duration::seconds(1));
    // What the error file says is wrong is still wrong, and nothing else is in it.
    let again: Value = desk.upload("?run=true", csv).send().await.unwrap().json().await.unwrap();
    desk.work(&again).await;
    let again = desk.read(&format!("/imports/{}", again["id"].as_str().unwrap())).await;
    assert_eq!(again["report"]["rows"], 250);
    assert_eq!(desk.read("/imports?limit=1").await["data"][0]["id"], again["id"], "the newest first");
    assert_eq!(desk.studio.count("SELECT count(*) FROM crm.clients").await, 4750);
    desk.api.stop().await;
}

#[tokio::test]
async fn a_file_may_run_without_a_stop() {
    let desk = Desk::open().await;
    let (import, path) = desk.started("?run=true", TWO).await;
    desk.work(&import).await;
    let done = desk.read(&path).await;
    assert_eq!((&done["status"], &done["report"]["created"]), (&json!("finished"), &json!(1)));
    let csv = desk.get(&format!("{path}/errors.csv")).await.text().await.unwrap();
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>().len(), 1);
    assert!(csv.contains("[email.invalid]"), "{csv}");
    desk.api.stop().await;
}

#[tokio::test]
async fn an_error_file_of_several_stretches_has_one_header_and_each_row_once() {
    let desk = Desk::open().await;
    let rows: String = (0..1201).map(|n| format!("Anna {n},x\n")).collect();
    let import = desk.upload("", format!("Nome,Email\n{rows}")).send().await.unwrap();
    let import: Value = import.json().await.unwrap();
    desk.work(&import).await;
    let path = format!("/imports/{}/errors.csv", import["id"].as_str().unwrap());
    let csv = desk.get(&path).await.text().await.unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!((lines.len(), lines[0]), (1202, "\u{feff}Nome,Email,row,error"));
    for (at, line) in lines.iter().skip(1).enumerate() {
        assert!(line.starts_with(&format!("Anna {at},x,{},", at + 2)), "{line}");
    }
    desk.api.stop().await;
}

#[tokio::test]
async fn what_is_no_file_of_clients_is_refused_with_its_reason() {
    let desk = Desk::open().await;
    for (query, name) in [
        ("?organization_id=x", "organization_id"),
        ("?country=ITALY", "country"),
        ("?date_order=year_first", "date_order"),
        ("?on_match=replace", "on_match"),
        ("?shared_phones=maybe", "shared_phones"),
        ("?delimiter=ab", "delimiter"),
        ("?delimiter=x", "delimiter"),
        ("?encoding=klingon", "encoding"),
        ("?mapping=email", "mapping"),
        ("?mapping=%7B%22mail%22%3A%22x%22%7D", "mapping"),
        ("?run=2", "run"),
        ("?colour=red", "colour"),
    ] {
        let response = desk.upload(query, TWO).send().await.unwrap();
        assert_eq!(response.status(), 422, "{query}");
        let problem: Value = response.json().await.unwrap();
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], name, "{problem}");
        assert!(error["detail"].as_str().unwrap().len() > 5, "{problem}");
    }
    assert_eq!(refusal(desk.upload("", "").send().await.unwrap()).await, (422, "import.file_empty".into()));
    let json = desk.upload("", TWO).header("Content-Type", "application/json");
    // The second header of a name is the one that is not read.
    let json = json.build().map(|mut request| {
        request.headers_mut().insert("Content-Type", "application/json".parse().unwrap());
        request
    });
    let json = Client::new().execute(json.unwrap()).await.unwrap();
    assert_eq!(refusal(json).await, (415, "request.media_type".into()));
    let zipped = desk.upload("", TWO).header("Content-Encoding", "gzip").send().await.unwrap();
    assert_eq!(refusal(zipped).await, (415, "request.content_encoding".into()));
    assert_eq!(desk.studio.count("SELECT count(*) FROM crm.import_chunks").await, 0, "nothing was kept");
    desk.api.stop().await;
}

#[tokio::test]
async fn a_file_of_20_mb_is_taken_and_a_byte_more_is_413() {
    let desk = Desk::open().await;
    let mut file = b"Nome,Email\n".to_vec();
    file.resize(20 * 1024 * 1024, b'\n');
    assert_eq!(desk.upload("", file.clone()).send().await.unwrap().status(), 202);
    let kept = desk.studio.count("SELECT count(*) FROM crm.import_chunks").await;
    assert_eq!(kept, 80);
    file.push(b'\n');
    assert_eq!(
        refusal(desk.upload("", file.clone()).send().await.unwrap()).await,
        (413, "import.file_too_big".into())
    );
    // In pieces, without a word about its length.
    let pieces: Vec<_> = file.chunks(100_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let streamed = desk.upload("", Body::wrap_stream(futures::stream::iter(pieces))).send().await.unwrap();
    assert_eq!(refusal(streamed).await, (413, "import.file_too_big".into()));
    assert_eq!(
        desk.studio.count("SELECT count(*) FROM crm.import_chunks").await,
        kept,
        "nothing of it was kept"
    );
    desk.api.stop().await;
}

#[tokio::test]
async fn the_same_key_is_one_import_and_not_of_another_file() {
    let desk = Desk::open().await;
    let upload =
        async |file: &'static str| desk.upload("", file).header("Idempotency-Key", "k").send().await.unwrap();
    let first: Value = upload(TWO).await.json().await.unwrap();
    let again = upload(TWO).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    assert_eq!(refusal(upload("Nome,Email\nUgo,ugo@example.com\n").await).await.0, 422);
    assert_eq!(desk.studio.count("SELECT count(*) FROM crm.imports").await, 1);
    desk.api.stop().await;
}

#[tokio::test]
async fn an_import_is_confirmed_once_and_thrown_away_when_it_does_not_run() {
    let desk = Desk::open().await;
    let (import, path) = desk.started("", TWO).await;
    assert_eq!(refusal(desk.confirm(&path).await).await, (409, "crm.import.state".into()));
    desk.work(&import).await;
    assert_eq!(desk.confirm(&path).await.status(), 202);
    assert_eq!(refusal(desk.confirm(&path).await).await, (409, "crm.import.state".into()));
    assert_eq!(refusal(desk.delete(&path).await).await, (409, "crm.import.state".into()), "it runs");
    desk.work(&import).await;
    assert_eq!(desk.delete(&path).await.status(), 204);
    assert_eq!(refusal(desk.get(&path).await).await, (404, "not_found".into()));
    assert_eq!(desk.studio.count("SELECT count(*) FROM crm.clients").await, 1, "who was added stays");

    let (import, path) = desk.started("", "Nome,Email\nAnna,x\n").await;
    desk.work(&import).await;
    assert_eq!(refusal(desk.confirm(&path).await).await, (409, "crm.import.nothing_to_do".into()));
    let (import, path) = desk.started("", "Nome,Email,Nato\nAnna,a@example.com,03/04/1990\n").await;
    desk.work(&import).await;
    let checked = desk.read(&path).await;
    assert_eq!(checked["status"], "checked", "a column of unknown name is left out: {checked}");
    let (import, path) =
        desk.started("", "Nome,Email,Data di nascita\nAnna,a@example.com,03/04/1990\n").await;
    desk.work(&import).await;
    assert_eq!(desk.read(&path).await["failure"]["code"], "import.date_order_needed");
    desk.api.stop().await;
}

#[tokio::test]
async fn another_location_and_another_tenant_see_no_import() {
    let mut desk = Desk::open().await;
    let (import, path) = desk.started("", TWO).await;
    desk.work(&import).await;
    let (there, other) = (desk.studio.location("There").await, TestTenant::open().await);
    let here = format!("?organization_id={}", desk.studio.main);
    for grants in [
        desk.studio.as_staff(UserId::generate(desk.studio.now()), there, &["clients.*"]),
        other.as_staff(UserId::generate(other.now()), other.main, &["clients.*"]),
    ] {
        desk.token = desk.api.admit(grants);
        for response in [
            desk.get(&path).await,
            desk.get(&format!("{path}/errors.csv")).await,
            desk.confirm(&path).await,
            desk.delete(&path).await,
            desk.get(&format!("/imports{here}")).await,
            desk.upload(&here, TWO).send().await.unwrap(),
        ] {
            assert_eq!(refusal(response).await, (404, "not_found".into()));
        }
        assert_eq!(desk.read("/imports").await["data"], json!([]));
    }
    desk.token = desk.api.admit(desk.studio.as_staff(desk.user, desk.studio.main, &["clients.view_all"]));
    assert_eq!(refusal(desk.get(&path).await).await, (403, "rbac.permission.missing".into()));
    assert_eq!(
        refusal(desk.upload("", TWO).send().await.unwrap()).await,
        (403, "rbac.permission.missing".into())
    );
    assert_eq!(
        desk.studio.count("SELECT count(*) FROM crm.import_chunks").await,
        1,
        "nothing of theirs was kept"
    );
    desk.api.stop().await;
}
