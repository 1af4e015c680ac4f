//! The parameters of paths and queries, or a refusal that names the wrong one.

use crate::{ApiError, Caller, body::NO_NUL, unrouted};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, body::BoxBody, dev::Payload};
use futures::future::{FutureExt, LocalBoxFuture};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::future::{Ready, ready};
use tryzore_kernel::{Cursor, CursorBinding, Limit, Page, Problem, SortKey};
use tryzore_rbac::{Actor, Grants};
use utoipa::IntoParams;

/// The parameters of a path, such as `/events/{event_id}`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = actix_web::web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|error| {
            unrouted::mistaken(request).unwrap_or_else(|| {
                Problem::new(400, "request.path", "The path is not valid", error.to_string()).into()
            })
        }))
    }
}

/// The parameters of a query. Unknown ones are refused if `T` denies them.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(ApiError::from))
    }
}

/// The query of a list: its filter ([`NoFilter`] for none) and its page. A cursor is accepted only for the
/// same path, the same parameters and the same caller.
pub struct Listing<T>(pub T, pub Paging);

/// The filter of a list without a filter.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// The answer of a list.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// A list on a single page.
    #[must_use]
    pub const fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }
}

impl<T: Serialize> Responder for Listed<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Listing<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    // Not flattened into one type: a flattened number is read as text.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let part = |is_of_page: bool| {
            let pairs = form_urlencoded::parse(request.query_string().as_bytes());
            let pairs = pairs.filter(|(name, _)| matches!(&**name, "limit" | "cursor") == is_of_page);
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let read = || Ok::<_, Problem>((read(&part(false))?, read::<Paging>(&part(true))?));
        let (read, filter, request) = (read(), sorted(request.query_string()), request.clone());
        async move {
            let (asked, mut paging) = read?;
            let Caller(grants) = Caller::of(&request).await?;
            paging.binding = CursorBinding::of(request.path(), &filter, &scope(&grants));
            let bound = paging.cursor.take();
            paging.cursor = bound.map(|bound| Cursor::unbind(&bound, paging.binding)).transpose()?;
            Ok(Self(asked, paging))
        }
        .boxed_local()
    }
}

// The parameters of the filter, in a fixed order.
fn sorted(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut pairs: Vec<_> = pairs.filter(|(name, _)| !matches!(&**name, "limit" | "cursor")).collect();
    pairs.sort();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

// The caller for whom a cursor is valid: not the session, which may be another one on the next day.
fn scope(grants: &Grants) -> String {
    let whose = match grants.actor() {
        Actor::User { user, .. } => user.to_string(),
        // Apart from the cursors of the person who acts.
        Actor::Acting { session, .. } => session.to_string(),
        other => format!("{other:?}"),
    };
    let from = grants.organization().map(|at| at.to_string()).unwrap_or_default();
    format!("{} {whose} {from}", grants.tenant())
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
    /// The number of rows on the page: 1 to 200, 50 by default.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u8>,
    /// `next_cursor` of the page before, with the same parameters.
    pub cursor: Option<String>,
    #[serde(skip)]
    #[param(ignore)]
    binding: CursorBinding,
}

impl Paging {
    /// The number of rows on the page.
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
    /// 422 when the cursor belongs to another list or is made up.
    pub fn after<K: SortKey>(&self) -> Result<Option<K>, Problem> {
        Ok(self.cursor.as_deref().map(Cursor::decode).transpose()?)
    }

    /// The answer with `page`, and a cursor that is valid for this list only.
    #[must_use]
    pub fn answer<T>(&self, page: Page<T>) -> Listed<T> {
        let next_cursor = page.next_cursor.map(|next| Cursor::bind(&next, self.binding));
        Listed { data: page.data, next_cursor }
    }
}
