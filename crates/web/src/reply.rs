//! The answer of a command: the new one, or the first one again.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header::ContentType},
};
use serde::Serialize;
use tryzore_postgres::Answer;

/// The answer of a command.
pub struct Reply<T> {
    status: u16,
    answer: Answer<T>,
}

impl<T> Reply<T> {
    /// Makes the reply with `answer`, and with `status` if the answer is new.
    #[must_use]
    pub const fn new(status: u16, answer: Answer<T>) -> Self {
        Self { status, answer }
    }
}

impl<T: Serialize> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let build = |status| HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
        match self.answer {
            Answer::Fresh(answer) => build(self.status).json(answer),
            Answer::Replayed { status, body } => {
                let mut again = build(status);
                again
                    .insert_header(("Idempotent-Replayed", "true"))
                    .content_type(ContentType::json())
                    .body(body)
            }
        }
    }
}
