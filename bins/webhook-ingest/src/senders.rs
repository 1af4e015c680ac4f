//! Who may send: the providers whose secret is configured.
//!
//! A sender has no token; it proves who it is by its signature. So whoever presents a token here is
//! refused.

use crate::{PROVIDERS, Provider, WebhookSettings};
use actix_web::web::{Data, ServiceConfig};
use futures::future::{BoxFuture, FutureExt, ready};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tryzore_kernel::Problem;
use tryzore_rbac::Grants;
use tryzore_web::Authenticator;

/// The providers whose secret is configured. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Senders(Arc<[(Provider, SecretString)]>);

impl Senders {
    /// Those whose secret `settings` have. An empty secret is none: anyone could sign with it.
    #[must_use]
    pub fn new(settings: &WebhookSettings) -> Self {
        let configured = PROVIDERS.iter().filter_map(|provider| {
            let secret = (provider.secret)(settings).filter(|secret| !secret.expose_secret().is_empty())?;
            Some((*provider, secret.clone()))
        });
        Self(configured.collect())
    }

    /// The provider called `name`, and the secret that it signs with.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&Provider, &SecretString)> {
        self.0.iter().find(|(provider, _)| provider.name == name).map(|(provider, secret)| (provider, secret))
    }

    /// Their names.
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
    fn a_provider_without_a_secret_is_none() {
        for secret in [None, Some("")] {
            let settings = WebhookSettings { workos_secret: secret.map(Into::into) };
            assert!(Senders::new(&settings).find("workos").is_none());
        }
        let senders = Senders::new(&WebhookSettings { workos_secret: Some("s".into()) });
        assert_eq!(senders.names(), ["workos"]);
        assert!(senders.find("workos").is_some() && senders.find("WorkOS").is_none());
    }
}
