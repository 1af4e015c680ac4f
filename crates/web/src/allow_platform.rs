//! `AllowPlatform<P>`: the handler runs only for operators who may (RBA-04).

use crate::{ApiError, allow::counted};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures::future::{FutureExt, LocalBoxFuture};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::{PlatformPermission, PlatformPermit};

/// The platform permit of the caller. A handler with this argument answers 401 to those who are not
/// signed in, and 403 to whoever is no operator or lacks `P`, before it has read anything: the answer
/// tells nothing about what was asked for. Which tenant the session is in does not matter. Operators
/// are few, so it is asked anew each time: one who is dismissed is out at once.
pub struct AllowPlatform<P>(pub PlatformPermit<P>);

impl<P: PlatformPermission> FromRequest for AllowPlatform<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let grants = counted(&request).await?;
            let db = request.app_data::<Data<Db>>().ok_or_else(|| Problem::internal("no database to ask"))?;
            let ask = db.auth_tx(async |tx| -> Result<_, Problem> {
                tx.act_as(grants.actor());
                Ok(tx.platform_permit::<P>(grants.tenant()).await??)
            });
            Ok(Self(ask.await?))
        }
        .boxed_local()
    }
}
