//! Authenticates callers by a session or an API key.
//!
//! A bearer token is an access token of a session, or an API key that starts with `tzk_`. In both cases the
//! token only says which row to read, and the row decides what the caller may do.

use crate::{
    operations::{well_known_issuer, well_known_keys},
    sign_in::SignIn,
};
use actix_web::web::{Data, ServiceConfig};
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt};
use secrecy::SecretString;
use std::error::Error;
use std::sync::Arc;
use tryzore_auth::{Refusal, Settled, resume, secret::TokenKind, verify_api_key};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_provider_jwt::token::SKEW;
use tryzore_rbac::Grants;
use tryzore_web::{Authentication, Authenticator, Verified, settings::AuthSettings};

/// Sets up sign-in according to `settings`, and verifies callers by the sessions and API keys in `db`.
///
/// # Errors
/// [`SignInError`](crate::sign_in::SignInError).
pub fn authenticate(
    db: Db,
    settings: AuthSettings,
) -> BoxFuture<'static, Result<Authentication, Box<dyn Error + Send + Sync>>> {
    async move {
        let sign_in = Arc::new(SignIn::open(&db, &settings).await?);
        let signing = Arc::clone(&sign_in.signing);
        Ok(Authentication {
            authenticator: Arc::new(SessionAuthenticator::new(db, sign_in)),
            task: signing.keep().boxed(),
        })
    }
    .boxed()
}

/// Authenticates callers by the sessions and API keys in the database.
pub struct SessionAuthenticator {
    db: Db,
    sign_in: Arc<SignIn>,
}

impl SessionAuthenticator {
    /// Reads sessions and API keys from `db`.
    #[must_use]
    pub const fn new(db: Db, sign_in: Arc<SignIn>) -> Self {
        Self { db, sign_in }
    }

    async fn verified(&self, token: &str) -> Result<Verified, Problem> {
        let now = self.db.clock().now();
        let mut expires_at = None;
        let outcome = if token.starts_with(TokenKind::ApiKey.prefix()) {
            let key = SecretString::from(token.to_owned());
            self.db
                .auth_tx(async |tx| verify_api_key::verify_api_key(&mut tx.auth(), &key, now).await)
                .await?
                .map(|verified| {
                    expires_at = Some(verified.expires_at);
                    verified.grants
                })
        } else {
            let claims = self.sign_in.signing.verify(token, now).await;
            let claims = claims.map_err(|error| Problem::from(error.refusal()))?;
            // Cached up to the moment up to which it would be accepted without the cache.
            expires_at = DateTime::from_timestamp(claims.exp, 0).map(|expires| expires + SKEW);
            self.db
                .auth_tx(async |tx| -> Settled<_> { resume::resume(&mut tx.auth(), &claims, now).await })
                .await?
                .map(|resumed| {
                    expires_at = expires_at.map(|until| until.min(resumed.expires_at));
                    resumed.grants
                })
        };
        let grants = outcome.map_err(|refusal: Refusal| Problem::from(refusal))?;
        Ok(Verified { grants, expires_at })
    }
}

impl Authenticator for SessionAuthenticator {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        self.verified(token).map(|verified| Ok(verified?.grants)).boxed()
    }

    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verified, Problem>> {
        self.verified(token).boxed()
    }

    fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }

    fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::from(Arc::clone(&self.sign_in)))
            .service(well_known_keys)
            .service(well_known_issuer);
    }
}
