//! What a commit invalidates in the caches of all processes: sessions, and what their users may do.
//!
//! An event declares it ([`Invalidates`]); the transaction resolves it when it commits.

use crate::{ApiKeyId, SessionId, TenantId, UserId};
use std::{fmt, str::FromStr};

/// The part of a cache to invalidate. Its text is sent from process to process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// The grants of a user, in all sessions of the user.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// All sessions of a tenant: the tenant was closed, or its locations changed.
    Tenant(TenantId),
    /// Everything: a notification was missed.
    Everything,
}

impl fmt::Display for Invalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Tenant(id) => id.fmt(f),
            Self::Everything => f.write_str("everything"),
        }
    }
}

/// The text is not an invalidation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a user, a session, a key or a tenant, or `everything`")]
pub struct BadInvalidation;

impl FromStr for Invalidation {
    type Err = BadInvalidation;

    fn from_str(text: &str) -> Result<Self, BadInvalidation> {
        if text == "everything" {
            return Ok(Self::Everything);
        }
        let user = text.parse().map(Self::User);
        let session = || text.parse().map(Self::Session);
        let key = || text.parse().map(Self::ApiKey);
        let tenant = || text.parse().map(Self::Tenant);
        // An id without a prefix does not say its type.
        let named = text.contains('_').then_some(()).ok_or(BadInvalidation);
        named.and_then(|()| {
            user.or_else(|_| session()).or_else(|_| key()).or_else(|_| tenant()).map_err(|_| BadInvalidation)
        })
    }
}

/// What an event invalidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidates {
    /// This part.
    Part(Invalidation),
    /// All sessions of the tenant in whose transaction the event is published.
    OwnTenant,
}

impl Invalidates {
    /// The part that is invalidated when the event is published in a transaction of `tenant`; none for
    /// [`Invalidates::OwnTenant`] in a transaction without a tenant.
    #[must_use]
    pub fn resolve(self, tenant: Option<TenantId>) -> Option<Invalidation> {
        match self {
            Self::Part(part) => Some(part),
            Self::OwnTenant => tenant.map(Invalidation::Tenant),
        }
    }
}

impl From<Invalidation> for Invalidates {
    fn from(part: Invalidation) -> Self {
        Self::Part(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: chrono::DateTime<chrono::Utc> = chrono::DateTime::UNIX_EPOCH;

    #[test]
    fn the_text_of_an_invalidation_parses_back() {
        let tenant = TenantId::generate(NOW);
        for invalidation in [
            Invalidation::User(UserId::generate(NOW)),
            Invalidation::Session(SessionId::generate(NOW)),
            Invalidation::ApiKey(ApiKeyId::generate(NOW)),
            Invalidation::Tenant(tenant),
            Invalidation::Everything,
        ] {
            assert_eq!(invalidation.to_string().parse(), Ok(invalidation));
        }
        assert_eq!(
            tenant.uuid().to_string().parse::<Invalidation>(),
            Err(BadInvalidation),
            "the type of the id is unknown"
        );
    }

    #[test]
    fn the_tenant_of_the_transaction_is_resolved_at_the_commit() {
        let (tenant, user) = (TenantId::generate(NOW), Invalidation::User(UserId::generate(NOW)));
        assert_eq!(Invalidates::OwnTenant.resolve(Some(tenant)), Some(Invalidation::Tenant(tenant)));
        assert_eq!(Invalidates::OwnTenant.resolve(None), None);
        assert_eq!(Invalidates::from(user).resolve(None), Some(user));
        assert_eq!(Invalidates::from(user).resolve(Some(tenant)), Some(user));
    }
}
