//! The contract tests of an API: every operation of its contract, called by callers who must be refused.
//!
//! An operation is called with what its contract requires: ids in the path, required parameters, a body with
//! the required fields. So the contract tests cover a new operation without any change.

use crate::http::Api;
use chrono::DateTime;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::Arc};
use tryzore_kernel::SessionId;
use tryzore_rbac::{Grants, PlatformSlug, Slug};
use tryzore_web::server::{Routes, contract};

/// An operation of a contract.
#[derive(Debug, Clone)]
pub struct Operation {
    method: Method,
    path: String,
    permission: String,
    placeholders: Vec<(String, String)>,
    query: Vec<(String, String)>,
    changes_a_version: bool,
    body: Option<(String, Value)>,
}

/// The answer of an API.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The problem, or another body.
    pub body: Value,
}

impl Answer {
    /// The value of the fact `name` of a denial.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        let facts = self.body["denial"]["because"].as_array()?;
        facts.iter().find(|fact| fact["fact"] == name)?["value"].as_str()
    }
}

impl Operation {
    /// All operations of the contract of `routes`.
    ///
    /// # Panics
    /// When an operation does not name its permission.
    #[must_use]
    pub fn all(routes: Routes) -> Vec<Self> {
        let contract = serde_json::to_value(contract("Net", "", routes)).unwrap();
        let paths = contract["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter().map(move |(method, operation)| (path, method, operation))
        });
        operations.map(|(path, method, operation)| Self::read(&contract, path, method, operation)).collect()
    }

    fn read(contract: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let name = format!("{method} {path}");
        let permission = operation["x-permission"].as_str();
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let required = |place: &str| -> Vec<(String, String)> {
            let here = parameters.iter().filter(|one| one["in"] == place && one["required"] == true);
            let value =
                |one: &Value| one.get("example").cloned().unwrap_or_else(|| sample(contract, &one["schema"]));
            here.map(|one| (text(&one["name"]), plain(&value(one)))).collect()
        };
        let body = operation["requestBody"]["content"].as_object().map(|content| {
            let (media, content) = content.iter().next().unwrap();
            (media.clone(), sample(contract, &content["schema"]))
        });
        Self {
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            permission: permission.unwrap_or_else(|| panic!("{name} names no permission")).to_owned(),
            placeholders: required("path"),
            query: required("query"),
            changes_a_version: required("header").iter().any(|(name, _)| name == "If-Match"),
            body,
        }
    }

    /// `GET /api/v1/events`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The full slug, or `public`.
    #[must_use]
    pub fn permission(&self) -> &str {
        &self.permission
    }

    /// Whether callers who are not signed in may call the operation.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.permission == "public"
    }

    /// Whether the operation only reads.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// The names of the ids in the path.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.placeholders.iter().map(|(name, _)| name.as_str())
    }

    /// Calls the operation with `ids` in the path; missing ones come from the examples of the contract.
    pub async fn call(&self, api: &Api, token: Option<&str>, ids: &HashMap<&str, String>) -> Answer {
        let path = self.placeholders.iter().fold(self.path.clone(), |path, (name, sample)| {
            path.replace(&format!("{{{name}}}"), ids.get(name.as_str()).unwrap_or(sample))
        });
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let mut request = Client::new().request(self.method.clone(), format!("{}{path}?{query}", api.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if self.changes_a_version {
            request = request.header("If-Match", "\"v1\"");
        }
        if let Some((media, body)) = &self.body {
            let body = if media == "application/json" { body.to_string() } else { plain(body) };
            request = request.header("Content-Type", media).body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        let mut body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if let Some(problem) = body.as_object_mut() {
            // These identify the request and differ each time.
            problem.remove("instance");
            problem.remove("trace_id");
        }
        Answer { status, body }
    }
}

/// The operations of each API that callers who are not signed in may call to sign in. Adding one requires a
/// decision.
pub const SIGN_IN: [&str; 10] = [
    "GET /api/v1/auth/jwks",
    "POST /api/v1/auth/forgot-password",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/factor",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/reset-password",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/workos/authorize-url",
    "POST /api/v1/auth/workos/callback",
];

/// The names of the public operations besides those of [`SIGN_IN`], sorted. All others must refuse callers
/// who are not signed in.
///
/// # Panics
/// When an operation does not refuse them, or when one of [`SIGN_IN`] is missing.
pub async fn public_operations(api: &Api, routes: Routes) -> Vec<String> {
    let mut public = Vec::new();
    for operation in Operation::all(routes) {
        if operation.is_public() {
            public.push(operation.name());
            continue;
        }
        for token in [None, Some("forged")] {
            let told = operation.call(api, token, &HashMap::new()).await;
            assert_eq!(told.status, 401, "{}: {told:?}", operation.name());
        }
    }
    public.sort();
    let (sign_in, own): (Vec<_>, _) = public.into_iter().partition(|name| SIGN_IN.contains(&name.as_str()));
    assert_eq!(sign_in, SIGN_IN);
    own
}

/// The names of the operations that do not refuse `grants`, although `grants` lack the permission that the
/// contract names; sorted.
pub async fn operations_open_to(api: &Api, routes: Routes, grants: &Arc<Grants>) -> Vec<String> {
    let token = api.admit(Arc::clone(grants));
    let mut open = Vec::new();
    for operation in Operation::all(routes).iter().filter(|operation| !operation.is_public()) {
        let permission = operation.permission();
        if Slug::find(permission).is_some_and(|slug| grants.held().contains(slug)) {
            continue;
        }
        let told = operation.call(api, Some(&token), &HashMap::new()).await;
        // Callers who are no operators get the same refusal for all operations of operators.
        let for_operators = PlatformSlug::find(permission).is_some();
        let refused = told.fact("permission") == Some(permission)
            || (for_operators && told.body["code"] == "rbac.operator.required");
        if told.status != 403 || !refused {
            open.push(operation.name());
        }
    }
    open.sort();
    open
}

/// The operations that an acting session with `grants` may call although they are no reads; sorted. All reads are
/// called as well, with `ids` in the path: none of them may fail.
///
/// # Panics
/// When a read fails.
pub async fn changes_open_to_acting(
    api: &Api,
    routes: Routes,
    grants: &Arc<Grants>,
    ids: &HashMap<&str, String>,
) -> Vec<String> {
    let token = api.admit(Arc::clone(grants));
    let mut open = Vec::new();
    for operation in Operation::all(routes).iter().filter(|operation| !operation.is_public()) {
        // A stream does not end.
        if operation.path.ends_with("/stream") {
            continue;
        }
        let told = operation.call(api, Some(&token), ids).await;
        if operation.method == Method::GET {
            assert!(!told.status.is_server_error(), "{}: {told:?}", operation.name());
        } else if told.status != 403 || told.body["code"] != "auth.acting.read_only" {
            open.push(operation.name());
        }
    }
    open.sort();
    open
}

/// The changes that an acting session may make: of itself.
pub const CHANGES_OF_ACTING: [&str; 2] =
    ["POST /api/v1/auth/logout", "POST /api/v1/auth/switch-organization"];

/// Random ids of the same kinds as `ids`, which belong to nothing.
#[must_use]
pub fn unheard_of<'a>(ids: &HashMap<&'a str, String>) -> HashMap<&'a str, String> {
    let other = |id: &String| {
        let kind = id.rsplit_once('_').map_or("", |(kind, _)| kind);
        format!("{kind}_{}", SessionId::generate(DateTime::UNIX_EPOCH).uuid().simple())
    };
    ids.iter().map(|(name, id)| (*name, other(id))).collect()
}

/// A value that `schema` accepts, with its required fields only.
fn sample(contract: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(contract, contract.pointer(&reference[1..]).unwrap());
    }
    for given in [&schema["example"], &schema["examples"][0], &schema["default"], &schema["enum"][0]] {
        if !given.is_null() {
            return given.clone();
        }
    }
    if let Some(choice) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
        let choice = choice.iter().find(|choice| choice["type"] != "null").unwrap();
        return sample(contract, choice);
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object");
    match (kind, schema["format"].as_str()) {
        ("string", Some("date-time")) => json!("2026-03-02T11:00:00Z"),
        ("string", Some("date")) => json!("2026-03-02"),
        ("string", Some("email")) => json!("name@example.com"),
        ("string", _) => json!("something"),
        ("integer" | "number", _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        ("boolean", _) => json!(true),
        ("array", _) => json!([]),
        _ => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            let field =
                |name: &Value| (text(name), sample(contract, &schema["properties"][name.as_str().unwrap()]));
            Value::Object(required.iter().map(field).collect::<Map<_, _>>())
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
