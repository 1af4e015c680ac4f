//! Who is calling.
//!
//! A token is verified and its grants are compiled once; afterwards a check costs no query. What
//! is remembered is forgotten within [`FRESH_FOR`], and at once when someone says so
//! ([`Memory::forget`]): a revoked session or a changed role must not live on in a cache.

use actix_web::{
    HttpRequest,
    http::header,
    web::{Data, ServiceConfig},
};
use futures::future::BoxFuture;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tryzore_kernel::Problem;
use tryzore_postgres::Stale;
use tryzore_rbac::{Actor, Grants};

/// How long a verified token is taken at its word without asking again.
pub const FRESH_FOR: Duration = Duration::from_secs(30);

/// Tells who holds a token.
pub trait Authenticator: Send + Sync + 'static {
    /// What the holder of `token` may do, or why the token is not taken.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>>;

    /// State that operations about tokens need, such as the keys that sign them.
    fn configure(&self, _: &mut ServiceConfig) {}
}

// Something is forgotten while a token loads: what was read may be of before. It is read again, but
// not for ever.
const LOADS: usize = 16;

/// Verified tokens, by their hash: the tokens themselves are not kept. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    verified: Cache<[u8; 32], Arc<Grants>>,
    // Grows whenever something is forgotten.
    forgotten: Arc<AtomicU64>,
}

impl Memory {
    fn new() -> Self {
        let cache = Cache::builder().max_capacity(100_000).time_to_live(FRESH_FOR);
        Self { verified: cache.support_invalidation_closures().build(), forgotten: Arc::default() }
    }

    /// Forgets what is stale: it is asked again at the next request.
    pub fn forget(&self, stale: Stale) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        match stale {
            Stale::User(user) => self.forget_if(move |grants| grants.holder() == Some(user)),
            Stale::Session(session) => self.forget_if(
                move |grants| matches!(grants.actor(), Actor::User { session: known, .. } if known == session),
            ),
            Stale::ApiKey(key) => self.forget_if(move |grants| grants.actor() == Actor::ApiKey { key }),
            Stale::Tenant(tenant) => self.forget_if(move |grants| grants.tenant() == tenant),
            Stale::Everything => self.verified.invalidate_all(),
        }
    }

    fn forget_if(&self, which: impl Fn(&Grants) -> bool + Send + Sync + 'static) {
        // The one error is a cache without support for it.
        let _ = self.verified.invalidate_entries_if(move |_, grants| which(grants));
    }

    async fn recall(&self, token: &str, authenticator: &dyn Authenticator) -> Result<Arc<Grants>, Problem> {
        let load = async {
            for _ in 0..LOADS {
                let before = self.forgotten.load(Ordering::SeqCst);
                let grants = authenticator.authenticate(token).await?;
                if self.forgotten.load(Ordering::SeqCst) == before {
                    return Ok(grants);
                }
            }
            Err(Problem::unavailable("permissions are changing too fast; try again"))
        };
        let verified = self.verified.try_get_with(Sha256::digest(token).into(), load).await;
        verified.map_err(|problem: Arc<Problem>| (*problem).clone())
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
    use futures::{FutureExt, executor::block_on};
    use std::sync::Mutex;
    use tryzore_kernel::{SessionId, TenantId, UserId};
    use tryzore_rbac::Holdings;

    /// Counts how often it is asked, and is interrupted by what is to be forgotten meanwhile.
    #[derive(Default)]
    struct Asked {
        times: AtomicU64,
        meanwhile: Mutex<Vec<(Memory, Stale)>>,
    }

    const SESSION: u128 = 7;

    impl Authenticator for Asked {
        fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
            self.times.fetch_add(1, Ordering::SeqCst);
            if let Some((memory, stale)) = self.meanwhile.lock().unwrap().pop() {
                memory.forget(stale);
            }
            let id = uuid::Uuid::from_u128(SESSION);
            let actor = Actor::User { user: UserId::from(id), session: SessionId::from(id) };
            let grants = Grants::compile(actor, TenantId::from(id), None, &Holdings::default());
            std::future::ready(Ok(grants)).boxed()
        }
    }

    fn times(asked: &Asked) -> u64 {
        asked.times.load(Ordering::SeqCst)
    }

    #[test]
    fn is_asked_once_and_again_when_it_is_told_to_forget() {
        let (asked, memory) = (Asked::default(), Memory::new());
        let id = uuid::Uuid::from_u128(SESSION);
        let call = || block_on(memory.recall("token", &asked)).unwrap();
        call();
        call();
        assert_eq!(times(&asked), 1);
        let other = uuid::Uuid::from_u128(SESSION + 1);
        memory.forget(Stale::Session(other.into()));
        memory.forget(Stale::User(other.into()));
        call();
        assert_eq!(times(&asked), 1, "another one's session");
        let all =
            [Stale::Session(id.into()), Stale::User(id.into()), Stale::Tenant(id.into()), Stale::Everything];
        for (nth, stale) in all.into_iter().enumerate() {
            memory.forget(stale);
            call();
            assert_eq!(times(&asked), nth as u64 + 2, "{stale}");
        }
    }

    #[test]
    fn what_was_read_before_it_was_to_be_forgotten_is_read_again() {
        let (asked, memory) = (Asked::default(), Memory::new());
        let id = uuid::Uuid::from_u128(SESSION);
        asked.meanwhile.lock().unwrap().push((memory.clone(), Stale::Session(id.into())));
        block_on(memory.recall("token", &asked)).unwrap();
        assert_eq!(times(&asked), 2);
    }
}
