//! Someone who calls, and what they are told.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use reqwest::{Client, Method};
use serde_json::Value;
use std::sync::Arc;
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId, OrganizationId, RoleId, SessionId, UserId};
use tryzore_rbac::{Actor, Assignment, Grants, Holdings, OrganizationNode, Scope};
use tryzore_testkit::{TestTenant, http::Api, test_tenant::Member};

/// Someone who calls.
pub(crate) struct Caller {
    base: String,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the stable code of a problem.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// The status and the fields that were wrong.
    pub(crate) fn wrong(&self) -> (u16, Vec<&str>) {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        (self.status, errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect())
    }

    /// The `id` of what was made.
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {:?}", self.body)).to_owned()
    }

    /// One field of each row of a page.
    pub(crate) fn column(&self, field: &str) -> Vec<Value> {
        let rows = self.body["data"].as_array().unwrap_or_else(|| panic!("no page: {:?}", self.body));
        rows.iter().map(|row| row[field].clone()).collect()
    }
}

impl Caller {
    /// Whoever holds `grants`.
    pub(crate) fn new(api: &Api, grants: Arc<Grants>) -> Self {
        Self { base: format!("{}/api/v1", api.url()), token: api.admit(grants) }
    }

    /// Whoever has `token`.
    pub(crate) fn with_token(api: &Api, token: &str) -> Self {
        Self { base: format!("{}/api/v1", api.url()), token: token.to_owned() }
    }

    /// Someone of the staff of `at` who may do what `patterns` say there.
    pub(crate) fn staff(api: &Api, studio: &TestTenant, at: OrganizationId, patterns: &[&str]) -> Self {
        Self::new(api, studio.as_staff(UserId::generate(studio.now()), at, patterns))
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request =
            Client::new().request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status, etag, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// A change of what was read with `etag`.
    pub(crate) async fn put(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &[("If-Match", etag)], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::DELETE, path, &[], Some(body)).await
    }

    /// The commands that were refused on the object `id`, by name.
    pub(crate) async fn refused_on(&self, id: &str) -> Vec<String> {
        let told = self.get(&format!("/decisions?object_id={id}")).await.column("command");
        let mut commands: Vec<_> = told.iter().map(|command| command.as_str().unwrap().to_owned()).collect();
        commands.sort();
        commands
    }
}

/// Someone who holds other patterns at each of several locations, and so sees all of them; they have just verified a
/// second factor.
pub(crate) fn across(studio: &TestTenant, held: &[(OrganizationId, &[&str])]) -> Arc<Grants> {
    let (user, session) = (UserId::generate(studio.now()), SessionId::generate(studio.now()));
    let assignment = |(at, patterns): &(OrganizationId, &[&str])| Assignment {
        role: RoleId::generate(studio.now()),
        name: "Test".into(),
        patterns: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
        scope: Scope::Organization(*at),
        expires_at: None,
    };
    let holdings = Holdings {
        tree: held.iter().map(|(at, _)| OrganizationNode { organization: *at, parent: None }).collect(),
        assignments: held.iter().map(assignment).collect(),
        ..Holdings::default()
    };
    let actor = Actor::User { user, session };
    studio.verified(Grants::compile(actor, studio.tenant, Some(held[0].0), &holdings))
}

/// A spot for `member`, booked by herself.
pub(crate) async fn book(studio: &TestTenant, member: Member, event: EventId) -> BookingId {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap()
        .id
}

/// A place in line for `member`, who joined by herself.
pub(crate) async fn wait(studio: &TestTenant, member: Member, event: EventId) {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::wait(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap();
}

/// The query for the next `days` days.
pub(crate) fn days(studio: &TestTenant, days: i64) -> String {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("from={}&to={}", text(studio.now()), text(studio.now() + Duration::days(days)))
}
