//! Single sign-on of a tenant (AUT-09).
//!
//! A tenant is linked to one organization at the identity provider, which has connections to the tenant's own
//! provider (SAML or OpenID Connect) and domains of mail addresses, whose ownership the provider has verified. A
//! tenant can require single sign-on: those with an address of a verified domain can then sign in to it in no
//! other way.
//!
//! The organization is made for the tenant by us and is never one that someone names: so nobody can sign people
//! in by the connections, or claim the domains, of another company.

use crate::{Refusal, Settled};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{Denial, Email, OrganizationId, SessionId, StoreResult, TenantId};

/// How recently someone must have signed in by single sign-on to require it.
pub const PROOF: TimeDelta = TimeDelta::hours(1);

/// The single sign-on of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoLink {
    /// The tenant.
    pub tenant: TenantId,
    /// The organization at the provider.
    pub provider_organization: String,
    /// Since when single sign-on is required.
    pub required_since: Option<DateTime<Utc>>,
    /// When the tenant was linked.
    pub linked_at: DateTime<Utc>,
    /// When the provider was last asked: what it reported earlier is included.
    pub read_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i32,
    /// The connections, without deleted ones.
    pub connections: Vec<SsoConnection>,
    /// The domains, without deleted ones.
    pub domains: Vec<SsoDomain>,
}

/// A connection to a provider of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoConnection {
    /// The id at our provider, such as `conn_01…`.
    pub id: String,
    /// The kind, in the provider's words, such as `GenericSAML`.
    pub kind: String,
    /// The name at the provider.
    pub name: String,
    /// The state.
    pub state: ConnectionState,
}

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// Signs people in.
    Active,
    /// Does not sign anyone in, for now or not yet.
    Inactive,
    /// Deleted at the provider.
    Deleted,
}

/// A domain of mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoDomain {
    /// The domain, in lower case.
    pub name: String,
    /// The state.
    pub state: DomainState,
}

/// The state of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainState {
    /// The tenant has proven that it owns the domain.
    Verified,
    /// The proof is awaited.
    Pending,
    /// The proof failed.
    Failed,
    /// Deleted at the provider.
    Deleted,
}

impl ConnectionState {
    /// The text in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }
}

impl DomainState {
    /// The text in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }
}

/// The organization at the provider, with what it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoOrganization {
    /// The id at the provider.
    pub id: String,
    /// The connections.
    pub connections: Vec<SsoConnection>,
    /// The domains.
    pub domains: Vec<SsoDomain>,
}

impl SsoLink {
    /// An active connection, if there is one.
    #[must_use]
    pub fn active(&self) -> Option<&SsoConnection> {
        self.connections.iter().find(|connection| connection.state == ConnectionState::Active)
    }

    /// The verified domains.
    pub fn verified(&self) -> impl Iterator<Item = &str> {
        let verified = self.domains.iter().filter(|domain| domain.state == DomainState::Verified);
        verified.map(|domain| domain.name.as_str())
    }

    /// Whether someone with the address `email` may sign in to the tenant in another way than by its single
    /// sign-on. An owner may, while no connection is active: nobody else could repair it.
    ///
    /// # Errors
    /// `auth.login.sso_required`.
    pub fn check_other_way(&self, email: &Email, is_owner: bool) -> Result<(), Denial> {
        let domain = domain_of(email);
        let is_covered = self.verified().any(|verified| verified == domain);
        let active = self.active();
        if self.required_since.is_none() || !is_covered || (is_owner && active.is_none()) {
            return Ok(());
        }
        Err(Denial::right("auth.login.sso_required")
            .because("tenant", self.tenant)
            .because("domain", domain)
            .because("connection", active.map(|connection| connection.name.clone()))
            .remedy("Sign in by the single sign-on of your company.", Some("start_workos_sign_in")))
    }
}

/// The domain of `email`.
#[must_use]
pub fn domain_of(email: &Email) -> &str {
    email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// What the provider reports of a tenant's single sign-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoNews {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The organization at the provider.
    pub provider_organization: String,
    /// What changed.
    pub change: SsoChange,
}

/// A change at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SsoChange {
    /// A connection, as it is now.
    Connection(SsoConnection),
    /// A domain, as it is now.
    Domain(SsoDomain),
}

/// The single sign-on of all tenants, for signing in and for what the provider reports.
#[trait_variant::make(Send)]
pub trait SsoLinks {
    /// The link of a tenant.
    async fn sso_link_find(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>>;
    /// The link of the tenant that has this organization at the provider.
    async fn sso_link_of(&mut self, provider_organization: &str) -> StoreResult<Option<SsoLink>>;
    /// The link of the tenant that has verified `domain` last, if it has an active connection.
    async fn sso_link_by_domain(&mut self, domain: &str) -> StoreResult<Option<SsoLink>>;
    /// Notes that a session began by the single sign-on of its tenant.
    async fn sso_sign_in_insert(
        &mut self,
        session: SessionId,
        tenant: TenantId,
        provider_organization: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Follows what the provider reports.
#[trait_variant::make(Send)]
pub trait SsoReports {
    /// Stores a change of a tenant, unless a later one of the same object is stored. Of two at the same moment
    /// a deletion wins.
    async fn sso_change_save(
        &mut self,
        tenant: TenantId,
        change: &SsoChange,
        at: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Changes of a tenant's single sign-on.
#[trait_variant::make(Send)]
pub trait SsoSettings: SsoLinks {
    /// The link of a tenant, locked.
    async fn sso_link_lock(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>>;
    /// Stores the link with all that it has, in place of what was stored.
    async fn sso_link_save(&mut self, link: &SsoLink) -> StoreResult<()>;
    /// Stores the link without what it has.
    async fn sso_policy_save(&mut self, link: &SsoLink) -> StoreResult<()>;
    /// Deletes the link.
    async fn sso_link_delete(&mut self, tenant: TenantId) -> StoreResult<()>;
    /// When this session began by the single sign-on of `provider_organization`; `None` if it did not.
    async fn sso_sign_in_find(
        &mut self,
        session: SessionId,
        provider_organization: &str,
    ) -> StoreResult<Option<DateTime<Utc>>>;
    /// The locations of the tenant.
    async fn sso_locations(&mut self) -> StoreResult<Vec<OrganizationId>>;
}

/// The organization at the provider to sign in by: that of `tenant`, else that of the tenant that has verified the
/// domain of `email`; `None` without either.
///
/// # Errors
/// Inner: 404 for a tenant without an active connection.
pub async fn find_way<T: SsoLinks>(
    tx: &mut T,
    tenant: Option<TenantId>,
    email: Option<&Email>,
) -> Settled<Option<String>> {
    let organization = |link: SsoLink| link.provider_organization;
    if let Some(tenant) = tenant {
        let link = tx.sso_link_find(tenant).await?.filter(|link| link.active().is_some());
        return Ok(link.map(|link| Some(organization(link))).ok_or(Refusal::NotFound("single sign-on")));
    }
    Ok(Ok(match email {
        Some(email) => tx.sso_link_by_domain(domain_of(email)).await?.map(organization),
        None => None,
    }))
}

/// Applies `news`. News about an unknown organization, or from before the provider was last asked, change nothing.
///
/// # Errors
/// When the store fails.
pub async fn follow<T: SsoLinks + SsoReports>(tx: &mut T, news: SsoNews) -> StoreResult<()> {
    let Some(link) = tx.sso_link_of(&news.provider_organization).await? else { return Ok(()) };
    if news.at < link.read_at {
        return Ok(());
    }
    tx.sso_change_save(link.tenant, &news.change, news.at).await
}

#[cfg(test)]
pub(crate) mod tests;
