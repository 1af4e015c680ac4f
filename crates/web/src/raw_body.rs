//! Bodies that are a file: accepted by their media type, and read whole with a size limit.
//!
//! For files that fit in memory. Larger ones are streamed to where they are stored.

use crate::{
    ApiError,
    body::{Digested, bad_encoding},
};
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
    /// The accepted media types in lower case, the preferred one first.
    const MEDIA: &'static [&'static str];
    /// The greatest size in bytes.
    const LIMIT: usize;
}

/// The file in the body of a request.
pub struct RawBody<K> {
    /// The content of the file.
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
            check_media(&request, K::MEDIA)?;
            if announced_length(&request).is_some_and(|bytes| bytes > K::LIMIT as u64) {
                return Err(too_large(K::LIMIT).into());
            }
            let unread = |_| Problem::malformed("the file is incomplete");
            let payload = payload.map_err(Problem::internal)?;
            let bytes =
                payload.to_bytes_limited(K::LIMIT).await.map_err(|_| too_large(K::LIMIT))?.map_err(unread)?;
            request.extensions_mut().insert(Digested(Sha256::digest(&bytes).into()));
            Ok(Self { bytes, kind: PhantomData })
        }
        .boxed_local()
    }
}

/// Refuses by its headers a file whose type is none of `media`, which are in lower case with the preferred
/// one first, and a compressed file.
///
/// # Errors
/// 415.
pub fn check_media(request: &HttpRequest, media: &[&str]) -> Result<(), Problem> {
    let sent = header_text(request, &header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    if !media.contains(&sent.trim().to_ascii_lowercase().as_str()) {
        let right = media.first().copied().unwrap_or_default();
        let detail = format!("send the file itself with `Content-Type: {right}`");
        return Err(Problem::new(415, "request.media_type", "This media type is not supported", detail));
    }
    if !matches!(header_text(request, &header::CONTENT_ENCODING), "" | "identity") {
        return Err(bad_encoding("send the file as it is, without `Content-Encoding`"));
    }
    Ok(())
}

/// The length of the body in bytes, if the request states it.
#[must_use]
pub fn announced_length(request: &HttpRequest) -> Option<u64> {
    header_text(request, &header::CONTENT_LENGTH).parse().ok()
}

fn header_text<'r>(request: &'r HttpRequest, name: &HeaderName) -> &'r str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn too_large(limit: usize) -> Problem {
    Problem::new(413, "request.too_large", "The body is too large", format!("at most {limit} bytes"))
}
