//! A WorkOS that answers what a test tells it to, with tokens that the official emulator has signed: for what
//! the emulator does not serve (single sign-on by organization, what is needed after right credentials).

use crate::workos::harness::Emulator;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, method, path},
};

/// The front of an emulator.
pub(crate) struct Front {
    pub(crate) server: MockServer,
    _emulator: Emulator,
    signed: Value,
}

impl Front {
    /// Starts an emulator that knows `email`, and a front that publishes its keys.
    pub(crate) async fn open(email: &str) -> Self {
        let known = json!({ "email": email, "password": "correct horse battery", "email_verified": true });
        let emulator = Emulator::start(json!({ "users": [known] })).await;
        let asked = json!({ "grant_type": "password", "client_id": "client_test", "email": email,
            "password": "correct horse battery" });
        let signed = emulator.post("/user_management/authenticate", asked).await;
        let keys = reqwest::get(format!("{}/sso/jwks/client_test", emulator.url)).await.unwrap();
        let keys: Value = keys.json().await.unwrap();
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/sso/jwks/client_test"))
            .respond_with(ResponseTemplate::new(200).set_body_json(keys))
            .mount(&server)
            .await;
        Self { server, _emulator: emulator, signed }
    }

    /// Refuses what has `asked` with `body`.
    pub(crate) async fn refuse(&self, asked: Value, body: Value) {
        self.authenticate(asked, ResponseTemplate::new(403).set_body_json(body)).await;
    }

    /// Signs in who sends `asked`, with `changes` in the answer.
    pub(crate) async fn accept(&self, asked: Value, changes: Value) {
        let mut answer = self.signed.clone();
        for (name, value) in changes.as_object().unwrap() {
            answer[name] = value.clone();
        }
        self.authenticate(asked, ResponseTemplate::new(200).set_body_json(answer)).await;
    }

    async fn authenticate(&self, asked: Value, answer: ResponseTemplate) {
        Mock::given(path("/user_management/authenticate"))
            .and(body_partial_json(asked))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    /// Answers `GET` or `POST` of `at` with `body`.
    pub(crate) async fn serve(&self, verb: &str, at: &str, status: u16, body: Value) {
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.server)
            .await;
    }
}
