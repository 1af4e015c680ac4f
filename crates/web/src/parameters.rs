//! What a request says in its path and query, or the parameter that is wrong.

use crate::ApiError;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use tryzore_kernel::{Cursor, Limit, Problem};

/// The parameters of a path, such as `/events/{event}`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = actix_web::web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|error| {
            Problem::new(400, "request.path", "The path does not hold", error.to_string()).into()
        }))
    }
}

/// The parameters of a query. Unknown ones are refused when `T` says so.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs =
            serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
        ready(serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let name = error.path().to_string();
            Problem::invalid(if name == "." { "query".into() } else { name }, error.inner().to_string())
                .into()
        }))
    }
}

/// Which page of a list. Not flattened into other parameters: a flattened number is read as text.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Rows on the page: 1 to 200, 50 when not said.
    pub limit: Option<u8>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// How many rows the page may have.
    ///
    /// # Errors
    /// 422 when it is not from 1 to 200.
    pub fn limit(&self) -> Result<Limit, Problem> {
        self.limit.map_or(Ok(Limit::default()), |rows| {
            Limit::try_new(rows).ok_or_else(|| Problem::invalid("limit", "expected a number from 1 to 200"))
        })
    }

    /// The sort key that the page starts after.
    ///
    /// # Errors
    /// 422 when the cursor is of another list or made up.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let decoded = self.cursor.as_deref().map(Cursor::decode).transpose();
        decoded.map_err(|error| Problem::invalid("cursor", error.to_string()))
    }
}
