//! The configured providers and their secrets.
//!
//! A provider has no token and proves its identity by its signature. So every token is refused here.

use crate::{PROVIDERS, Provider, WebhookSettings};
use actix_web::web::{Data, ServiceConfig};
use futures::future::{BoxFuture, FutureExt, ready};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tryzore_kernel::Problem;
use tryzore_rbac::Grants;
use tryzore_web::Authenticator;

/// The providers that have a configured secret. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Senders(Arc<[(Provider, SecretString)]>);

impl Senders {
    /// The providers with a secret in `settings`. An empty secret counts as missing: anyone could sign with it.
    #[must_use]
    pub fn new(settings: &WebhookSettings) -> Self {
        let configured = PROVIDERS.iter().filter_map(|provider| {
            let secret = (provider.secret)(settings).filter(|secret| !secret.expose_secret().is_empty())?;
            Some((*provider, secret.clone()))
        });
        Self(configured.collect())
    }

    /// Finds the provider called `name`, and its secret.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&Provider, &SecretString)> {
        self.0.iter().find(|(provider, _)| provider.name == name).map(|(provider, secret)| (provider, secret))
    }

    /// The names of the configured providers.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(provider, _)| provider.name).collect()
    }
}

impl Authenticator for Senders {
    fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        ready(Err(Problem::unauthenticated("auth.token.unknown", "this service takes no tokens"))).boxed()
    }

    fn configure(&self, config: &mut ServiceConfig) {
        config.app_data(Data::new(self.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
        assert_eq!(names.len(), PROVIDERS.len());
    }

    #[test]
    fn a_provider_without_a_secret_is_not_configured() {
        for secret in [None, Some("")] {
            let settings = WebhookSettings { workos_secret: secret.map(Into::into) };
            assert!(Senders::new(&settings).find("workos").is_none());
        }
        let senders = Senders::new(&WebhookSettings { workos_secret: Some("s".into()) });
        assert_eq!(senders.names(), ["workos"]);
        assert!(senders.find("workos").is_some() && senders.find("WorkOS").is_none());
    }
}
