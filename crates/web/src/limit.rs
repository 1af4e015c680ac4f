//! How often a caller may call: per address before the caller is known, then per user or API key, and per
//! organization (AUT-07). An IPv6 address is counted as its /64. An API key may have a limit of its own besides
//! (AUT-19).
//!
//! Each answer says how many requests remain (`RateLimit`, `RateLimit-Policy`:
//! draft-ietf-httpapi-ratelimit-headers); a refusal says when to try again.

use crate::{ApiError, client_address::client_address, settings::LimitSettings};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
};
use tryzore_kernel::{ApiKeyId, Denial, OrganizationId, Problem, UserId, network::network_of};
use tryzore_rbac::{Actor, Grants};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The limiters of a service. Each service counts separately.
pub struct Limits {
    per_address: Counter<IpAddr>,
    per_user: Counter<UserId>,
    per_api_key: Counter<ApiKeyId>,
    per_organization: Counter<OrganizationId>,
    // A limiter has one limit for all its keys, so there is one for each limit that any key has.
    own_of_api_keys: RwLock<HashMap<NonZeroU32, Arc<Counter<ApiKeyId>>>>,
    trusted_proxies: u8,
}

struct Counter<K: Hash + Eq + Clone> {
    name: &'static str,
    per_minute: NonZeroU32,
    limiter: Limiter<K>,
}

/// The remaining requests of a caller, for the headers of the answer.
#[derive(Clone, Copy)]
struct Left {
    name: &'static str,
    per_minute: u32,
    remaining: u32,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(name: &'static str, per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::dashmap(Quota::per_minute(per_minute)).with_middleware();
        Self { name, per_minute, limiter }
    }

    fn count(&self, key: &K) -> Result<Left, ApiError> {
        let left = |remaining| Left { name: self.name, per_minute: self.per_minute.get(), remaining };
        self.limiter.check_key(key).map(|state| left(state.remaining_burst_capacity())).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let denial = Denial::state("request.too_often")
                .because("limit.of", self.name)
                .because("limit.per_minute", self.per_minute.get())
                .because("retry_after_seconds", wait)
                .remedy(format!("Try again in {wait} seconds."), None);
            let problem = Problem { status: 429, title: "Too many requests".into(), ..denial.into() };
            ApiError::from(problem).retry_after(i64::try_from(wait).ok())
        })
    }
}

impl Limits {
    /// Limiters for `settings`.
    #[must_use]
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            per_address: Counter::new("address", settings.per_address),
            per_user: Counter::new("user", settings.per_user),
            per_api_key: Counter::new("api_key", settings.per_api_key),
            per_organization: Counter::new("organization", settings.per_organization),
            own_of_api_keys: RwLock::default(),
            trusted_proxies: settings.trusted_proxies,
        }
    }

    /// Drops the counters of callers that have not called for long, to limit the memory.
    pub fn tidy(&self) {
        self.per_address.limiter.retain_recent();
        self.per_user.limiter.retain_recent();
        self.per_api_key.limiter.retain_recent();
        self.per_organization.limiter.retain_recent();
        let mut own = self.own_of_api_keys.write().unwrap_or_else(PoisonError::into_inner);
        own.retain(|_, counter| {
            counter.limiter.retain_recent();
            !counter.limiter.is_empty()
        });
    }

    fn own_of_api_keys(&self, per_minute: NonZeroU32) -> Arc<Counter<ApiKeyId>> {
        let known =
            self.own_of_api_keys.read().unwrap_or_else(PoisonError::into_inner).get(&per_minute).cloned();
        known.unwrap_or_else(|| {
            let mut own = self.own_of_api_keys.write().unwrap_or_else(PoisonError::into_inner);
            let counter = own.entry(per_minute);
            Arc::clone(counter.or_insert_with(|| Arc::new(Counter::new("api_key_own", per_minute))))
        })
    }

    /// The client address of `request`, from the outermost trusted proxy if any is trusted.
    #[must_use]
    pub fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr().map(|peer| peer.ip());
        client_address(peer, request.headers(), self.trusted_proxies)
    }
}

/// Counts `request` for the user or API key and the organization of `grants`.
pub(crate) fn count(request: &HttpRequest, grants: &Grants) -> Result<(), ApiError> {
    let Some(limits) = request.app_data::<Data<Limits>>() else { return Ok(()) };
    match grants.actor() {
        Actor::User { user, .. } | Actor::Acting { user, .. } => note(request, limits.per_user.count(&user)?),
        Actor::ApiKey { key } => {
            if let Some(own) = grants.requests_per_minute() {
                note(request, limits.own_of_api_keys(own).count(&key)?);
            }
            note(request, limits.per_api_key.count(&key)?);
        }
        // Parts of the product send no requests.
        Actor::System { .. } => {}
    }
    if let Some(organization) = grants.organization() {
        note(request, limits.per_organization.count(&organization)?);
    }
    Ok(())
}

// The header tells the limit with the fewest remaining requests.
fn note(request: &HttpRequest, left: Left) {
    let mut extensions = request.extensions_mut();
    if extensions.get::<Left>().is_none_or(|known| left.remaining < known.remaining) {
        extensions.insert(left);
    }
}

/// Counts each request for its address, and tells the remaining requests in the answer.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(limits) = request.app_data::<Data<Limits>>()
        && let Some(address) = limits.address(request.request())
    {
        let left = limits.per_address.count(&network_of(address))?;
        note(request.request(), left);
    }
    let mut response = next.call(request).await?;
    let left = response.request().extensions().get::<Left>().copied();
    if let Some(Left { name, per_minute, remaining }) = left {
        let headers = response.headers_mut();
        for (header, value) in [
            ("ratelimit-policy", format!("\"{name}\";q={per_minute};w=60")),
            ("ratelimit", format!("\"{name}\";r={remaining}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
    }
    Ok(response)
}
