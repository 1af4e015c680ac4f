//! Authenticates callers by their tokens.
//!
//! A token is verified and its grants are compiled once; afterwards a check costs no query. A cached
//! token is dropped after [`FRESH_FOR`], at once when it is invalidated ([`SessionCache::invalidate`]), and
//! when the token expires: a revoked session, a changed role or an expired token must not stay valid in
//! the cache.

use crate::recent_invalidations::RecentInvalidations;
use actix_web::{
    HttpRequest,
    http::header,
    web::{Data, ServiceConfig},
};
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tryzore_kernel::{Clock, Invalidation, Problem, SystemClock};
use tryzore_rbac::Grants;

/// How long a verified token is cached.
pub const FRESH_FOR: Duration = Duration::from_secs(30);

/// Verifies tokens.
pub trait Authenticator: Send + Sync + 'static {
    /// The grants of the caller with `token`, or why the token is refused.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>>;

    /// Like [`Authenticator::authenticate`], with the time at which the token expires.
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verified, Problem>> {
        self.authenticate(token).map(|grants| Ok(Verified { grants: grants?, expires_at: None })).boxed()
    }

    /// The current time, for the expiry of tokens.
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }

    /// Adds state for the handlers that issue tokens, such as the signing keys, and operations outside of the
    /// contract, such as the keys at a well-known address.
    fn configure(&self, _: &mut ServiceConfig) {}
}

/// How a service verifies its callers.
pub struct Authentication {
    /// Verifies tokens.
    pub authenticator: Arc<dyn Authenticator>,
    /// Work that runs as long as the service does, such as the rotation of signing keys.
    pub task: BoxFuture<'static, ()>,
}

/// The result of verifying a token.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The grants of the caller.
    pub grants: Arc<Grants>,
    /// When the token expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

// How often a token is loaded again because it was invalidated while it was being loaded: the loaded grants
// may be older than the change.
const LOADS: usize = 16;

/// The cache of verified tokens, by the hash of the token. Cheap to clone.
#[derive(Clone)]
pub struct SessionCache {
    verified: Cache<[u8; 32], Arc<Known>>,
    recent: Arc<RecentInvalidations>,
}

struct Known {
    verified: Verified,
    // Both from the moment before the token was loaded.
    generation: u64,
    since: Instant,
}

impl SessionCache {
    fn new() -> Self {
        let cache = Cache::builder().max_capacity(100_000).time_to_live(FRESH_FOR);
        Self { verified: cache.build(), recent: Arc::new(RecentInvalidations::new(FRESH_FOR)) }
    }

    /// Invalidates cached tokens: they are verified again at the next request.
    pub fn invalidate(&self, invalidation: Invalidation) {
        self.recent.note(invalidation);
    }

    fn is_current(&self, known: &Known, now: DateTime<Utc>) -> bool {
        known.since.elapsed() < FRESH_FOR
            && known.verified.expires_at.is_none_or(|until| now < until)
            && !self.recent.has_changed(&known.verified.grants, known.generation)
    }

    async fn load(&self, token: &str, authenticator: &dyn Authenticator) -> Result<Arc<Grants>, Problem> {
        let key: [u8; 32] = Sha256::digest(token).into();
        for _ in 0..LOADS {
            let load = async {
                let (generation, since) = (self.recent.generation(), Instant::now());
                let verified = authenticator.verify(token).await?;
                Ok(Arc::new(Known { verified, generation, since }))
            };
            let known = self.verified.try_get_with(key, load).await;
            let known = known.map_err(|problem: Arc<Problem>| (*problem).clone())?;
            if self.is_current(&known, authenticator.now()) {
                return Ok(Arc::clone(&known.verified.grants));
            }
            self.verified.invalidate(&key).await;
        }
        Err(Problem::unavailable("permissions are changing too fast; try again"))
    }
}

/// The authenticator of a service, with its cache.
#[derive(Clone)]
pub struct Sessions {
    authenticator: Arc<dyn Authenticator>,
    cache: SessionCache,
}

impl Sessions {
    /// Caches the results of `authenticator`, for at most 100,000 tokens.
    #[must_use]
    pub fn new(authenticator: Arc<dyn Authenticator>) -> Self {
        Self { authenticator, cache: SessionCache::new() }
    }

    /// The cache of verified tokens.
    #[must_use]
    pub fn cache(&self) -> &SessionCache {
        &self.cache
    }

    async fn grants(&self, token: &str) -> Result<Arc<Grants>, Problem> {
        self.cache.load(token, &*self.authenticator).await
    }
}

/// The caller of a request: the grants of the bearer token.
pub struct Caller(pub Arc<Grants>);

impl Caller {
    /// Authenticates the caller of `request`.
    ///
    /// # Errors
    /// 401 without a token or with a token that is refused.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let sessions = request
            .app_data::<Data<Sessions>>()
            .ok_or_else(|| Problem::internal("no authenticator is configured"))?;
        let header = request.headers().get(header::AUTHORIZATION).ok_or_else(|| {
            Problem::unauthenticated("auth.token.missing", "send `Authorization: Bearer …`")
        })?;
        let token = header
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| {
                Problem::unauthenticated("auth.token.malformed", "expected `Bearer` and a token")
            })?;
        sessions.grants(token).await.map(Self)
    }

    /// The time at which the permissions of the caller of `request` are checked.
    pub(crate) fn now(request: &HttpRequest) -> DateTime<Utc> {
        let sessions = request.app_data::<Data<Sessions>>();
        sessions.map_or_else(|| SystemClock.now(), |sessions| sessions.authenticator.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use std::sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    };
    use tryzore_kernel::{SessionId, TenantId, UserId};
    use tryzore_rbac::{Actor, Holdings};

    /// Counts its calls, and invalidates the cache during a call.
    #[derive(Default)]
    struct CountingAuthenticator {
        times: AtomicU64,
        now: Mutex<DateTime<Utc>>,
        meanwhile: Mutex<Vec<(SessionCache, Invalidation)>>,
    }

    const SESSION: u128 = 7;
    const EXPIRES_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(10);

    impl Authenticator for CountingAuthenticator {
        fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
            self.times.fetch_add(1, Ordering::SeqCst);
            if let Some((cache, invalidation)) = self.meanwhile.lock().unwrap().pop() {
                cache.invalidate(invalidation);
            }
            let id = uuid::Uuid::from_u128(SESSION);
            let actor = Actor::User { user: UserId::from(id), session: SessionId::from(id) };
            let grants = Grants::compile(actor, TenantId::from(id), None, &Holdings::default());
            std::future::ready(Ok(grants)).boxed()
        }

        fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verified, Problem>> {
            let expires_at = Some(DateTime::UNIX_EPOCH + EXPIRES_AFTER);
            let verified = move |grants| Verified { grants, expires_at };
            match self.now() < DateTime::UNIX_EPOCH + EXPIRES_AFTER {
                true => self.authenticate(token).map(move |grants| grants.map(verified)).boxed(),
                false => {
                    std::future::ready(Err(Problem::unauthenticated("auth.token.expired", "sign in"))).boxed()
                }
            }
        }

        fn now(&self) -> DateTime<Utc> {
            *self.now.lock().unwrap()
        }
    }

    fn times(counting: &CountingAuthenticator) -> u64 {
        counting.times.load(Ordering::SeqCst)
    }

    #[test]
    fn a_token_is_verified_once_and_again_after_an_invalidation() {
        let (counting, cache) = (CountingAuthenticator::default(), SessionCache::new());
        let id = uuid::Uuid::from_u128(SESSION);
        let call = || block_on(cache.load("token", &counting)).unwrap();
        call();
        call();
        assert_eq!(times(&counting), 1);
        let other = uuid::Uuid::from_u128(SESSION + 1);
        cache.invalidate(Invalidation::Session(other.into()));
        cache.invalidate(Invalidation::User(other.into()));
        call();
        assert_eq!(times(&counting), 1, "another session");
        let all = [
            Invalidation::Session(id.into()),
            Invalidation::User(id.into()),
            Invalidation::Tenant(id.into()),
            Invalidation::Everything,
        ];
        for (nth, invalidation) in all.into_iter().enumerate() {
            cache.invalidate(invalidation);
            call();
            assert_eq!(times(&counting), nth as u64 + 2, "{invalidation}");
        }
    }

    #[test]
    fn a_token_that_is_invalidated_while_it_loads_is_loaded_again() {
        let (counting, cache) = (CountingAuthenticator::default(), SessionCache::new());
        let id = uuid::Uuid::from_u128(SESSION);
        counting.meanwhile.lock().unwrap().push((cache.clone(), Invalidation::Session(id.into())));
        block_on(cache.load("token", &counting)).unwrap();
        assert_eq!(times(&counting), 2);
    }

    #[test]
    fn a_token_that_is_invalidated_before_it_is_cached_is_loaded_again() {
        let (counting, cache) = (CountingAuthenticator::default(), SessionCache::new());
        let id = uuid::Uuid::from_u128(SESSION);
        let (generation, since) = (cache.recent.generation(), Instant::now());
        let verified = block_on(counting.verify("token")).unwrap();
        cache.invalidate(Invalidation::Session(id.into()));
        let known = Arc::new(Known { verified, generation, since });
        block_on(cache.verified.insert(Sha256::digest("token").into(), known));
        block_on(cache.load("token", &counting)).unwrap();
        assert_eq!(times(&counting), 2, "loaded again");
    }

    #[test]
    fn a_cached_token_is_refused_once_it_has_expired() {
        let (counting, cache) = (CountingAuthenticator::default(), SessionCache::new());
        let call = || block_on(cache.load("token", &counting)).map_err(|problem| problem.code);
        *counting.now.lock().unwrap() = DateTime::UNIX_EPOCH;
        assert!(call().is_ok());
        *counting.now.lock().unwrap() =
            DateTime::UNIX_EPOCH + EXPIRES_AFTER - chrono::TimeDelta::microseconds(1);
        assert!(call().is_ok());
        *counting.now.lock().unwrap() = DateTime::UNIX_EPOCH + EXPIRES_AFTER;
        assert_eq!(call().unwrap_err(), "auth.token.expired");
        assert_eq!(times(&counting), 1);
    }

    #[test]
    fn invalidations_of_other_users_do_not_reload_a_token() {
        let (counting, cache) = (CountingAuthenticator::default(), SessionCache::new());
        block_on(cache.load("token", &counting)).unwrap();
        for number in 1_000..2_000 {
            cache.invalidate(Invalidation::User(uuid::Uuid::from_u128(number).into()));
        }
        block_on(cache.load("token", &counting)).unwrap();
        assert_eq!(times(&counting), 1);
    }
}
