//! Who is calling, by a session or by a service's key.
//!
//! A bearer token is an access token of a session, or a key that starts with `tzk_`. Neither is
//! believed: the token only says which row to read, and the row says whether and where.

use crate::{Authenticator, sign_in::SignIn};
use actix_web::web::{Data, ServiceConfig};
use futures::future::{BoxFuture, FutureExt};
use secrecy::SecretString;
use std::sync::Arc;
use tryzore_auth::{Refusal, Settled, resume, secret::TokenKind, verify_api_key};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::Grants;

/// Authenticates callers by what is in the database.
pub struct SessionAuthenticator {
    db: Db,
    sign_in: Arc<SignIn>,
}

impl SessionAuthenticator {
    /// Reads sessions and keys in `db`.
    #[must_use]
    pub const fn new(db: Db, sign_in: Arc<SignIn>) -> Self {
        Self { db, sign_in }
    }

    async fn grants(&self, token: &str) -> Result<Arc<Grants>, Problem> {
        let now = self.db.clock().now();
        let outcome = if token.starts_with(TokenKind::ApiKey.prefix()) {
            let key = SecretString::from(token.to_owned());
            self.db.auth_tx(async |tx| verify_api_key::verify_api_key(tx, &key, now).await).await?
        } else {
            let claims = self.sign_in.signing.verify(token, now).await;
            let claims = claims.map_err(|error| Problem::from(error.refusal()))?;
            self.db.auth_tx(async |tx| -> Settled<_> { resume::resume(tx, &claims, now).await }).await?
        };
        outcome.map_err(|refusal: Refusal| refusal.into())
    }
}

impl Authenticator for SessionAuthenticator {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        self.grants(token).boxed()
    }

    fn configure(&self, config: &mut ServiceConfig) {
        config.app_data(Data::from(Arc::clone(&self.sign_in)));
    }
}
