//! A caller of the services over HTTP.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// An answer: its status and its JSON.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; null when there is none.
    pub body: Value,
    /// The time of the service's clock.
    pub at: DateTime<Utc>,
}

/// A caller, signed in or not.
#[derive(Debug, Clone)]
pub struct Caller {
    http: Client,
    base: String,
    token: String,
    /// The answer to the sign-in.
    pub session: Value,
}

impl Caller {
    /// A caller who is not signed in, on a connection of its own.
    pub fn nobody(base: &str) -> Self {
        Self { http: Client::new(), base: base.to_owned(), token: String::new(), session: Value::Null }
    }

    /// Signs in at `base` with the demo's password.
    pub async fn sign_in(base: &str, email: &str) -> anyhow::Result<Self> {
        Self::sign_in_with(base, email, "tryzore-demo").await
    }

    /// Signs in at `base` with the given password.
    pub async fn sign_in_with(base: &str, email: &str, password: &str) -> anyhow::Result<Self> {
        let nobody = Self::nobody(base);
        let form = json!({ "email": email, "password": password });
        let answer = nobody.ask(Method::POST, "/auth/login", Some(form), None).await?;
        let session = answer.expect(200, &format!("{email} signs in"))?;
        Ok(Self { token: text(&session, "access_token")?, session, ..nobody })
    }

    /// The same person at another location.
    pub async fn switch(&self, organization: &str) -> anyhow::Result<Self> {
        let form = json!({ "organization_id": organization });
        let session =
            self.post("/auth/switch-organization", form).await?.expect(200, "the location is switched")?;
        Ok(Self { token: text(&session, "access_token")?, ..self.clone() })
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends a GET request.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Method::GET, path, None, None).await
    }

    /// Sends a POST request.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask(Method::POST, path, Some(body), None).await
    }

    /// Sends a POST request with an idempotency key.
    pub async fn post_once(&self, path: &str, key: &str) -> anyhow::Result<Answer> {
        self.ask(Method::POST, path, None, Some(key)).await
    }

    /// Sends a change of an object that was read as `version`.
    pub async fn post_read(&self, path: &str, version: &Value, body: Value) -> anyhow::Result<Answer> {
        let request = self.http.post(format!("{}{path}", self.base)).json(&body);
        self.told(request.header("If-Match", format!("\"v{version}\"")), path).await
    }

    /// Uploads a file.
    pub async fn upload(&self, path: &str, media: &str, file: Vec<u8>) -> anyhow::Result<Answer> {
        let request = self.http.post(format!("{}{path}", self.base)).header("Content-Type", media).body(file);
        self.told(request, path).await
    }

    /// Follows the event stream from now on (Server-Sent Events).
    pub async fn follow(&self) -> anyhow::Result<Response> {
        let request = self.http.get(format!("{}/stream", self.base)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?)
    }

    /// Sends a DELETE request.
    pub async fn delete(&self, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        self.ask(Method::DELETE, path, body, None).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        key: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method.clone(), &url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.told(request, &format!("{method} {url}")).await
    }

    async fn told(&self, mut request: RequestBuilder, what: &str) -> anyhow::Result<Answer> {
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let response =
            request.send().await.with_context(|| format!("{what}: is `cargo xtask up` running?"))?;
        let (status, date) = (response.status(), response.headers().get("date").cloned());
        let at = date.as_ref().and_then(|date| date.to_str().ok()).context("an answer without a date")?;
        let at = DateTime::parse_from_rfc2822(at)?.to_utc();
        let text = response.text().await?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Ok(Answer { status, body, at })
    }
}

impl Answer {
    /// The body, if the status is `status`.
    pub fn expect(self, status: u16, what: &str) -> anyhow::Result<Value> {
        if self.status.as_u16() != status {
            bail!("the story went wrong: {what}: expected {status}, got {}: {}", self.status, self.body);
        }
        Ok(self.body)
    }

    /// The code of the problem, if it is one.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// The text in `field`.
pub fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    value[field].as_str().map(str::to_owned).with_context(|| format!("no `{field}` in {value}"))
}
