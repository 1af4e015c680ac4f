//! The answer of a command: the new one, or the first one again.

use crate::etag;
use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode};
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
        match self.answer {
            Answer::Fresh(body) => etag::answer(status_of(self.status), &body),
            Answer::Replayed { status, body } => {
                let mut again = HttpResponse::build(status_of(status));
                again.insert_header(("Idempotent-Replayed", "true"));
                etag::stored(again, body)
            }
        }
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::OK)
}
