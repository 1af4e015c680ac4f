//! Sends the requests of the SDK with the HTTP client of the product.
//!
//! The SDK has a client of its own, of an older version; this transport uses the version, TLS and limits of
//! the rest of the product. Redirects are not followed, because they would get the API key, and an answer
//! may have at most [`ANSWER_MAX`] bytes.

use async_trait::async_trait;
use bytes::BytesMut;
use std::time::Duration;
use workos::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// The maximum size of an answer in bytes.
pub const ANSWER_MAX: usize = 1 << 20;

/// Sends requests of the SDK.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
}

impl Transport {
    /// Creates a transport that waits at most `timeout` for an answer.
    ///
    /// # Errors
    /// If TLS cannot be initialized.
    pub fn try_new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client })
    }
}

#[async_trait]
impl HttpTransport for Transport {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut builder = self.client.request(request.method, &request.url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut answer = builder.send().await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(TransportError::other(format!("an answer of more than {ANSWER_MAX} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, headers, body: body.freeze() })
    }
}

fn failed(error: reqwest::Error) -> TransportError {
    // The URL is removed, because it may contain an identifier.
    let error = error.without_url();
    if error.is_connect() {
        TransportError::connect(error)
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else {
        TransportError::other(error)
    }
}
