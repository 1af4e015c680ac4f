//! Refuses needless escapes in paths, and answers HEAD wherever GET is answered.

use crate::ApiError;
use actix_web::{
    Error,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Bytes,
};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tryzore_kernel::Problem;

/// Refuses a path with escapes for characters that need none: a proxy that blocks `/metrics` must not be
/// circumvented by `/%6detrics`. Answers HEAD like GET, without the body.
pub(crate) async fn guard<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, NoBody>>, Error> {
    if escapes_needlessly(request.uri().path()) {
        return Err(ApiError::from(Problem::not_found("operation")).into());
    }
    if request.method() != Method::HEAD {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    request.head_mut().method = Method::GET;
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| EitherBody::right(NoBody(body.size()))))
}

// RFC 3986, section 6.2.2.2: letters, digits, `-`, `.`, `_` and `~` are written as they are.
fn escapes_needlessly(path: &str) -> bool {
    path.split('%').skip(1).any(|escape| {
        let byte = escape.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    })
}

/// The size of a body that is not sent.
pub(crate) struct NoBody(BodySize);

impl MessageBody for NoBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_escapes_only_what_needs_an_escape() {
        for path in ["/%6detrics", "/%6Detrics", "/health%2Flive/%2e", "/a%5fb", "/%7Ea", "/a%30"] {
            assert!(escapes_needlessly(path), "{path}");
        }
        for path in ["/metrics", "/a%20b", "/%C3%BC", "/a%2Fb", "/100%", "/%zz", "/%", "/%é"] {
            assert!(!escapes_needlessly(path), "{path}");
        }
    }
}
