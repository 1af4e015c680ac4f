//! What a request says in its path and query, or the parameter that is wrong.

use crate::{ApiError, body::NO_NUL, unrouted};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, de::DeserializeOwned};
use std::future::{Ready, ready};
use tryzore_kernel::{Cursor, Limit, Problem};
use utoipa::IntoParams;

/// The parameters of a path, such as `/events/{event}`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = actix_web::web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|error| {
            unrouted::mistaken(request).unwrap_or_else(|| {
                Problem::new(400, "request.path", "The path does not hold", error.to_string()).into()
            })
        }))
    }
}

/// The parameters of a query. Unknown ones are refused when `T` says so.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(ApiError::from))
    }
}

/// The query of a list with parameters of its own: which rows, and which page of them. A list
/// without takes [`Parameters`] of [`Paging`].
pub struct Listing<T>(pub T, pub Paging);

impl<T: DeserializeOwned> FromRequest for Listing<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    // Not flattened into one: a flattened number is read as text.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let part = |is_of_page: bool| {
            let pairs = form_urlencoded::parse(request.query_string().as_bytes());
            let pairs = pairs.filter(|(name, _)| matches!(&**name, "limit" | "cursor") == is_of_page);
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let read = || Ok(Self(read(&part(false))?, read(&part(true))?));
        ready(read().map_err(|problem: Problem| problem.into()))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    if let Some((name, _)) = pairs.into_iter().find(|(_, value)| value.contains('\0')) {
        return Err(Problem::invalid(name.into_owned(), NO_NUL));
    }
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let name = error.path().to_string();
        Problem::invalid(if name == "." { "query".into() } else { name }, error.inner().to_string())
    })
}

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
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
        Ok(self.cursor.as_deref().map(Cursor::decode).transpose()?)
    }
}
