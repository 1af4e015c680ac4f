//! Who is calling.
//!
//! A token is verified and its grants are compiled once; afterwards a check costs no query. What
//! is remembered is forgotten within [`FRESH_FOR`], and at once when someone says so
//! ([`Sessions::forget`]): a revoked session or a changed role must not live on in a cache.

use actix_web::{HttpRequest, http::header, web::Data};
use futures::future::BoxFuture;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tryzore_kernel::{Problem, SessionId, UserId};
use tryzore_rbac::{Actor, Grants};

/// How long a verified token is taken at its word without asking again.
pub const FRESH_FOR: Duration = Duration::from_secs(30);

/// Tells who holds a token.
pub trait Authenticator: Send + Sync + 'static {
    /// What the holder of `token` may do, or why the token is not taken.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>>;
}

/// Verified tokens, by their hash: the tokens themselves are not kept.
#[derive(Clone)]
pub struct Sessions {
    authenticator: Arc<dyn Authenticator>,
    verified: Cache<[u8; 32], Arc<Grants>>,
}

impl Sessions {
    /// Remembers what `authenticator` says, of at most 100,000 tokens.
    #[must_use]
    pub fn new(authenticator: Arc<dyn Authenticator>) -> Self {
        let verified =
            Cache::builder().max_capacity(100_000).time_to_live(FRESH_FOR).support_invalidation_closures().build();
        Self { authenticator, verified }
    }

    /// Forgets what `user` may do: it is asked again at the next request.
    pub fn forget_user(&self, user: UserId) {
        self.forget(move |actor| actor.user() == Some(user));
    }

    /// Forgets a session.
    pub fn forget_session(&self, session: SessionId) {
        self.forget(move |actor| matches!(actor, Actor::User { session: known, .. } if known == session));
    }

    fn forget(&self, which: impl Fn(Actor) -> bool + Send + Sync + 'static) {
        // The one error is a cache without support for it.
        let _ = self.verified.invalidate_entries_if(move |_, grants| which(grants.actor()));
    }

    async fn grants(&self, token: &str) -> Result<Arc<Grants>, Problem> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let verified = self.verified.try_get_with(hash, self.authenticator.authenticate(token)).await;
        verified.map_err(|problem: Arc<Problem>| (*problem).clone())
    }
}

/// Who is calling: the grants of the bearer token.
pub struct Caller(pub Arc<Grants>);

impl Caller {
    /// The caller of `request`.
    ///
    /// # Errors
    /// 401 without a token or with one that is not taken.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let sessions = request.app_data::<Data<Sessions>>().ok_or_else(Problem::internal)?;
        let header = request
            .headers()
            .get(header::AUTHORIZATION)
            .ok_or_else(|| Problem::unauthenticated("auth.token.missing", "send `Authorization: Bearer …`"))?;
        let token = header
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| Problem::unauthenticated("auth.token.malformed", "expected `Bearer` and a token"))?;
        sessions.grants(token).await.map(Self)
    }
}
