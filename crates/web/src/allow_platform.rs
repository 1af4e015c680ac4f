//! `AllowPlatform<P>`: the handler runs only if the operator has the permission (RBA-04).

use crate::{ApiError, allow::counted};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures::future::{FutureExt, LocalBoxFuture};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::{PlatformPermission, PlatformPermit};

/// The platform permit of the caller. A handler with this argument answers 401 to callers who are not
/// signed in, and 403 to callers who are no operators or lack `P`, before it has read anything: the answer
/// reveals nothing about the object of the request. The tenant of the session does not matter. The permission
/// is read for each request, since operators are few: a dismissed operator loses access at once.
pub struct AllowPlatform<P>(pub PlatformPermit<P>);

impl<P: PlatformPermission> FromRequest for AllowPlatform<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let grants = counted(&request).await?;
            let db = request
                .app_data::<Data<Db>>()
                .ok_or_else(|| Problem::internal("no database is configured"))?;
            let ask = db.auth_tx(async |tx| -> Result<_, Problem> {
                tx.act_as(grants.actor());
                Ok(tx.platform_permit::<P>(grants.tenant()).await??)
            });
            Ok(Self(ask.await?))
        }
        .boxed_local()
    }
}
