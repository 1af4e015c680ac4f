//! Who is calling.
//!
//! A token is verified and its grants are compiled once; afterwards a check costs no query. What
//! is remembered is forgotten within [`FRESH_FOR`], at once when someone says so
//! ([`Memory::forget`]), and when the token expires: a revoked session or a changed role must not live
//! on in a cache, nor a token beyond its time.

use crate::forgotten::Forgotten;
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
use tryzore_kernel::{Clock, Problem, SystemClock};
use tryzore_postgres::Invalidation;
use tryzore_rbac::Grants;

/// How long a verified token is taken at its word without asking again.
pub const FRESH_FOR: Duration = Duration::from_secs(30);

/// Tells who holds a token.
pub trait Authenticator: Send + Sync + 'static {
    /// What the holder of `token` may do, or why the token is not taken.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>>;

    /// The same, with the time at which the token expires.
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verified, Problem>> {
        self.authenticate(token).map(|grants| Ok(Verified { grants: grants?, expires_at: None })).boxed()
    }

    /// The time by which tokens expire.
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }

    /// State that operations about tokens need, such as the keys that sign them.
    fn configure(&self, _: &mut ServiceConfig) {}
}

/// Who holds a token, and for how long it says so.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What they may do.
    pub grants: Arc<Grants>,
    /// When the token expires, when it does.
    pub expires_at: Option<DateTime<Utc>>,
}

// What a token rests on changes while it is read: then what was read may be of before, and is read again,
// but not for ever.
const LOADS: usize = 16;

/// Verified tokens, by their hash: the tokens themselves are not kept. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    verified: Cache<[u8; 32], Arc<Known>>,
    forgotten: Arc<Forgotten>,
}

struct Known {
    verified: Verified,
    // As of the moment in which reading began.
    generation: u64,
    since: Instant,
}

impl Memory {
    fn new() -> Self {
        let cache = Cache::builder().max_capacity(100_000).time_to_live(FRESH_FOR);
        Self { verified: cache.build(), forgotten: Arc::new(Forgotten::new(FRESH_FOR)) }
    }

    /// Forgets what is stale: it is asked again at the next request.
    pub fn forget(&self, invalidation: Invalidation) {
        self.forgotten.note(invalidation);
    }

    fn holds(&self, known: &Known, now: DateTime<Utc>) -> bool {
        known.since.elapsed() < FRESH_FOR
            && known.verified.expires_at.is_none_or(|until| now < until)
            && !self.forgotten.has_changed(&known.verified.grants, known.generation)
    }

    async fn recall(&self, token: &str, authenticator: &dyn Authenticator) -> Result<Arc<Grants>, Problem> {
        let key: [u8; 32] = Sha256::digest(token).into();
        for _ in 0..LOADS {
            let load = async {
                let (generation, since) = (self.forgotten.generation(), Instant::now());
                let verified = authenticator.verify(token).await?;
                Ok(Arc::new(Known { verified, generation, since }))
            };
            let known = self.verified.try_get_with(key, load).await;
            let known = known.map_err(|problem: Arc<Problem>| (*problem).clone())?;
            if self.holds(&known, authenticator.now()) {
                return Ok(Arc::clone(&known.verified.grants));
            }
            self.verified.invalidate(&key).await;
        }
        Err(Problem::unavailable("permissions are changing too fast; try again"))
    }
}

/// Who callers are, as far as that is known.
#[derive(Clone)]
pub struct Sessions {
    authenticator: Arc<dyn Authenticator>,
    memory: Memory,
}

impl Sessions {
    /// Remembers what `authenticator` says, of at most 100,000 tokens.
    #[must_use]
    pub fn new(authenticator: Arc<dyn Authenticator>) -> Self {
        Self { authenticator, memory: Memory::new() }
    }

    /// What is remembered, to be forgotten when something changes.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn grants(&self, token: &str) -> Result<Arc<Grants>, Problem> {
        self.memory.recall(token, &*self.authenticator).await
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
        let sessions =
            request.app_data::<Data<Sessions>>().ok_or_else(|| Problem::internal("no sessions to ask"))?;
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

    /// Counts how often it is asked, and is interrupted by what is to be forgotten meanwhile.
    #[derive(Default)]
    struct CountingAuthenticator {
        times: AtomicU64,
        now: Mutex<DateTime<Utc>>,
        meanwhile: Mutex<Vec<(Memory, Invalidation)>>,
    }

    const SESSION: u128 = 7;
    const EXPIRES_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(10);

    impl Authenticator for CountingAuthenticator {
        fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
            self.times.fetch_add(1, Ordering::SeqCst);
            if let Some((memory, invalidation)) = self.meanwhile.lock().unwrap().pop() {
                memory.forget(invalidation);
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
    fn is_asked_once_and_again_when_it_is_told_to_forget() {
        let (counting, memory) = (CountingAuthenticator::default(), Memory::new());
        let id = uuid::Uuid::from_u128(SESSION);
        let call = || block_on(memory.recall("token", &counting)).unwrap();
        call();
        call();
        assert_eq!(times(&counting), 1);
        let other = uuid::Uuid::from_u128(SESSION + 1);
        memory.forget(Invalidation::Session(other.into()));
        memory.forget(Invalidation::User(other.into()));
        call();
        assert_eq!(times(&counting), 1, "another one's session");
        let all = [
            Invalidation::Session(id.into()),
            Invalidation::User(id.into()),
            Invalidation::Tenant(id.into()),
            Invalidation::Everything,
        ];
        for (nth, invalidation) in all.into_iter().enumerate() {
            memory.forget(invalidation);
            call();
            assert_eq!(times(&counting), nth as u64 + 2, "{invalidation}");
        }
    }

    #[test]
    fn what_was_read_before_it_was_to_be_forgotten_is_read_again() {
        let (counting, memory) = (CountingAuthenticator::default(), Memory::new());
        let id = uuid::Uuid::from_u128(SESSION);
        counting.meanwhile.lock().unwrap().push((memory.clone(), Invalidation::Session(id.into())));
        block_on(memory.recall("token", &counting)).unwrap();
        assert_eq!(times(&counting), 2);
    }

    #[test]
    fn what_is_forgotten_between_being_read_and_being_kept_is_not_believed() {
        let (counting, memory) = (CountingAuthenticator::default(), Memory::new());
        let id = uuid::Uuid::from_u128(SESSION);
        let (generation, since) = (memory.forgotten.generation(), Instant::now());
        let verified = block_on(counting.verify("token")).unwrap();
        memory.forget(Invalidation::Session(id.into()));
        let known = Arc::new(Known { verified, generation, since });
        block_on(memory.verified.insert(Sha256::digest("token").into(), known));
        block_on(memory.recall("token", &counting)).unwrap();
        assert_eq!(times(&counting), 2, "it is read again");
    }

    #[test]
    fn a_token_is_taken_up_to_its_last_moment_and_not_beyond_though_it_is_remembered() {
        let (counting, memory) = (CountingAuthenticator::default(), Memory::new());
        let call = || block_on(memory.recall("token", &counting)).map_err(|problem| problem.code);
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
    fn a_thousand_others_that_are_forgotten_cost_nobody_a_read() {
        let (counting, memory) = (CountingAuthenticator::default(), Memory::new());
        block_on(memory.recall("token", &counting)).unwrap();
        for number in 1_000..2_000 {
            memory.forget(Invalidation::User(uuid::Uuid::from_u128(number).into()));
        }
        block_on(memory.recall("token", &counting)).unwrap();
        assert_eq!(times(&counting), 1);
    }
}
