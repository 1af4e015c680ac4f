//! `Allow<P>`: the handler runs only if the caller has the permission.

use crate::{ApiError, Caller, limit};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures::future::{FutureExt, LocalBoxFuture};
use std::sync::Arc;
use tryzore_kernel::{Denial, Problem};
use tryzore_postgres::{Access, Db};
use tryzore_rbac::{Actor, Grants, Permission, Permit, catalogue::OwnProfile};
use uuid::Uuid;

/// The permit of the caller. A handler with this argument answers 401 to callers who are not signed
/// in and 403 to callers who lack `P`, before it runs. In an acting session it runs only for a read, and after the
/// read has been recorded.
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

/// The permit of the caller for a change of their own session. A handler with this argument also runs in an acting
/// session: it can be ended, and moved to another of its locations.
pub struct AllowOwnSession(pub Permit<OwnProfile>);

impl FromRequest for AllowOwnSession {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let Caller(grants) = Caller::of(&request).await?;
            limit::count(&request, &grants)?;
            Ok(Self(grants.permit::<OwnProfile>()?.for_own_session()))
        }
        .boxed_local()
    }
}

/// The grants of the caller. The request counts against the caller's limits, whether it is allowed or not.
pub(crate) async fn counted(request: &HttpRequest) -> Result<Arc<Grants>, ApiError> {
    let Caller(grants) = Caller::of(request).await?;
    limit::count(request, &grants)?;
    if let Actor::Acting { kind, .. } = grants.actor() {
        if !request.method().is_safe() {
            return Err(Denial::right("auth.acting.read_only")
                .because("acting.kind", kind)
                .remedy("End this session and act as yourself.", Some("sign_out"))
                .into());
        }
        let db =
            request.app_data::<Data<Db>>().ok_or_else(|| Problem::internal("no database is configured"))?;
        db.access_record(&grants, access(request)).await?;
    }
    Ok(grants)
}

/// What `request` reads. Its query is left out: it may name persons.
fn access(request: &HttpRequest) -> Access {
    let route = request.match_pattern().unwrap_or_default();
    let id = |text: &str| text.rsplit_once('_').map_or(text, |(_, digits)| digits).parse::<Uuid>().ok();
    Access {
        operation: format!("{} {route}", request.method()),
        objects: request.match_info().iter().filter_map(|(_, text)| id(text)).collect(),
    }
}
