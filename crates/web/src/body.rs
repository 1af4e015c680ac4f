//! JSON bodies: read with a size limit, and refused with a pointer to the invalid field.

use crate::{ApiError, json::ObjectsOnly};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Bytes};
use futures::future::{FutureExt, LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tryzore_kernel::Problem;

/// The greatest size of a JSON body, in bytes.
pub const LIMIT: usize = 256 * 1024;

/// A JSON body.
pub struct Body<T>(pub T);

/// SHA-256 of the body, for the fingerprint of the request.
#[derive(Clone, Copy)]
pub(crate) struct Digested(pub [u8; 32]);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let read = is_json(&request).then(|| Bytes::from_request(&request, payload));
        async move {
            let Some(read) = read else {
                let detail = "send `Content-Type: application/json`";
                return Err(Problem::new(
                    415,
                    "request.media_type",
                    "This media type is not supported",
                    detail,
                )
                .into());
            };
            if !is_readable(&request) {
                return Err(bad_encoding("send the body as it is, or compressed by `gzip`").into());
            }
            let bytes =
                read.await.map_err(|error| match error.as_response_error().status_code().as_u16() {
                    413 => too_large(),
                    _ => Problem::malformed("the body could not be read completely"),
                })?;
            request.extensions_mut().insert(Digested(Sha256::digest(&bytes).into()));
            Ok(Self(parse(&bytes)?))
        }
        .boxed_local()
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let media =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

// Whether the body is sent as it is, or compressed once by gzip.
fn is_readable(request: &HttpRequest) -> bool {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING);
    let only = (encodings.next(), encodings.next());
    match only {
        (None, _) => true,
        (Some(one), None) => {
            [&b"identity"[..], b"gzip"].iter().any(|known| one.as_bytes().eq_ignore_ascii_case(known))
        }
        (Some(_), Some(_)) => false,
    }
}

/// The refusal of a `Content-Encoding`.
pub(crate) fn bad_encoding(detail: &'static str) -> Problem {
    Problem::new(415, "request.content_encoding", "This encoding is not supported", detail)
}

fn too_large() -> Problem {
    Problem::new(413, "request.too_large", "The body is too large", format!("at most {LIMIT} bytes"))
}

/// Deserializes a JSON body.
///
/// # Errors
/// 400 when `bytes` are not JSON; 422 with a pointer when a field is not valid.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(ObjectsOnly(&mut json)).map_err(|error| {
        let (path, cause) = (pointer(error.path()), error.inner());
        match cause.classify() {
            serde_json::error::Category::Data => Problem::invalid(path, reason(cause)),
            _ => Problem::malformed(format!("the body is not JSON: {cause}")),
        }
    })?;
    json.end().map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))?;
    match nul(bytes) {
        Some(pointer) => Err(Problem::invalid(pointer, NO_NUL)),
        None => Ok(value),
    }
}

/// Why a text with U+0000 is refused: Postgres cannot store it.
pub(crate) const NO_NUL: &str = "text can't contain the character U+0000";

// A pointer to a text with U+0000, which JSON can only contain as an escape.
fn nul(bytes: &[u8]) -> Option<String> {
    fn find(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => text.contains('\0').then(String::new),
            Value::Array(all) => {
                all.iter().enumerate().find_map(|(at, one)| Some(format!("/{at}{}", find(one)?)))
            }
            Value::Object(all) => {
                all.iter().find_map(|(key, one)| Some(format!("{}{}", token(key), find(one)?)))
            }
            _ => None,
        }
    }
    let escaped = bytes.windows(6).any(|six| six == br"\u0000");
    escaped.then(|| serde_json::from_slice(bytes).ok().as_ref().and_then(find))?
}

// Formats the path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => token(key),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn token(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

// serde_json appends line and column, which add nothing to a pointer.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Class {
        #[allow(dead_code)]
        spots: Vec<u32>,
    }

    fn refused(body: &str) -> (u16, String, String) {
        let problem = parse::<Class>(body.as_bytes()).unwrap_err();
        let error = problem.errors.first().cloned();
        (
            problem.status,
            error.as_ref().map(|e| e.pointer.clone()).unwrap_or_default(),
            error.map(|e| e.detail).unwrap_or_default(),
        )
    }

    #[test]
    fn a_text_with_u0000_is_refused() {
        let refused =
            |body: &str| parse::<Value>(body.as_bytes()).err().map(|it| it.errors[0].pointer.clone());
        assert_eq!(refused(r#"{"a/b": ["x", {"name": "J\u0000"}]}"#).as_deref(), Some("/a~1b/1/name"));
        assert_eq!(refused(r#"{"name": "\\u0000 is written so"}"#), None);
        assert_eq!(refused(r#"{"name": "\u0001"}"#), None);
    }

    #[test]
    fn an_array_is_refused_where_an_object_is_expected() {
        assert_eq!(refused("[[1]]"), (422, "".into(), "invalid type: sequence, expected an object".into()));
    }

    #[test]
    fn a_body_may_be_compressed_by_gzip_only() {
        let readable = |encodings: &[&str]| {
            let with = |request: actix_web::test::TestRequest, one: &&str| {
                request.append_header((header::CONTENT_ENCODING, *one))
            };
            is_readable(&encodings.iter().fold(Default::default(), with).to_http_request())
        };
        assert!(readable(&[]) && readable(&["gzip"]) && readable(&["GZIP"]) && readable(&["identity"]));
        for unknown in [&["br"][..], &["deflate"], &["x"], &[""], &["gzip, gzip"], &["gzip", "identity"]] {
            assert!(!readable(unknown), "{unknown:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_field_and_the_reason() {
        assert_eq!(refused(r#"{"spots": [1, -2]}"#).1, "/spots/1");
        assert!(refused(r#"{"spots": [], "color": 1}"#).2.contains("unknown field `color`"));
        assert!(refused("{}").2.contains("missing field `spots`"));
        assert_eq!(refused("{").0, 400);
        assert_eq!(refused(r#"{"spots": []} x"#).0, 400);
    }
}
