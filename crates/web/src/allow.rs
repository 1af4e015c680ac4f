//! `Allow<P>`: the handler runs only if the caller has the permission.

use crate::{ApiError, Caller, limit};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures::future::{FutureExt, LocalBoxFuture};
use std::sync::Arc;
use tryzore_rbac::{Grants, Permission, Permit};

/// The permit of the caller. A handler with this argument answers 401 to callers who are not signed
/// in and 403 to callers who lack `P`, before it runs.
pub struct Allow<P>(pub Permit<P>);

impl<P: Permission> FromRequest for Allow<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let grants = counted(&request).await?;
            Ok(Self(grants.permit_at::<P>(Caller::now(&request))?))
        }
        .boxed_local()
    }
}

/// The grants of the caller. The request counts against the caller's limits, whether it is allowed or not.
pub(crate) async fn counted(request: &HttpRequest) -> Result<Arc<Grants>, ApiError> {
    let Caller(grants) = Caller::of(request).await?;
    limit::count(request, &grants)?;
    Ok(grants)
}
