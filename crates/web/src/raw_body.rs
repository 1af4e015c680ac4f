//! Bodies that are a file: taken by their media type, and read whole within bounds.
//!
//! For files that fit in memory. What does not is received piece by piece where it is kept.

use crate::{ApiError, body::Digested};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderName},
    web::{self, Bytes},
};
use futures::future::{FutureExt, LocalBoxFuture};
use sha2::{Digest, Sha256};
use std::marker::PhantomData;
use tryzore_kernel::Problem;

/// A kind of file.
pub trait FileKind: 'static {
    /// The media types as which it is taken, the right one first; in lower case.
    const MEDIA: &'static [&'static str];
    /// The most bytes that it may have.
    const LIMIT: usize;
}

/// The file that a request carries as its body.
pub struct RawBody<K> {
    /// The file, as it was sent.
    pub bytes: Bytes,
    kind: PhantomData<K>,
}

impl<K: FileKind> FromRequest for RawBody<K> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload).into_inner();
        async move {
            check_head::<K>(&request)?;
            let unread = |_| Problem::malformed("the file did not come to its end");
            let payload = payload.map_err(|_| Problem::internal())?;
            let bytes =
                payload.to_bytes_limited(K::LIMIT).await.map_err(|_| too_large(K::LIMIT))?.map_err(unread)?;
            request.extensions_mut().insert(Digested(Sha256::digest(&bytes).into()));
            Ok(Self { bytes, kind: PhantomData })
        }
        .boxed_local()
    }
}

// Refuses by its headers what need not be received.
fn check_head<K: FileKind>(request: &HttpRequest) -> Result<(), Problem> {
    let text = |name: HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let media = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !K::MEDIA.contains(&media.as_str()) {
        let right = K::MEDIA.first().copied().unwrap_or_default();
        let detail = format!("send the file itself with `Content-Type: {right}`");
        return Err(Problem::new(415, "request.media_type", "This media type is not taken", detail));
    }
    if !matches!(text(header::CONTENT_ENCODING), "" | "identity") {
        let detail = "send the file as it is, without `Content-Encoding`";
        return Err(Problem::new(415, "request.content_encoding", "This encoding is not taken", detail));
    }
    match text(header::CONTENT_LENGTH).parse::<usize>() {
        Ok(bytes) if bytes > K::LIMIT => Err(too_large(K::LIMIT)),
        _ => Ok(()),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(413, "request.too_large", "The body is too large", format!("at most {limit} bytes"))
}
