//! The identity provider and the signing keys, which sign-in needs besides the database.
//!
//! Set up once when a service starts, from its `auth` settings.

use crate::signing::{Signing, SigningError, successor_keys};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use std::{
    future::{Ready, ready},
    ops::Deref,
    path::Path,
    sync::Arc,
    time::Duration,
};
use tryzore_auth::{Either, IdentityError};
use tryzore_kernel::{Clock, Problem};
use tryzore_postgres::Db;
use tryzore_provider_jwt::{SuccessorKeys, SystemSecrets};
use tryzore_provider_password::{PasswordProvider, breached::BreachedPasswords};
use tryzore_provider_workos::WorkOs;
use tryzore_web::{
    ApiError,
    settings::{AuthSettings, ProviderKind, WorkOsSettings},
};

/// The configured identity provider.
pub type Provider = Either<PasswordProvider, WorkOs>;

/// Sets up the provider of this `kind`, which uses the settings `workos` if it is WorkOS, and refuses the passwords in
/// the file `breached` if it stores passwords here.
///
/// # Errors
/// [`SignInError`].
pub fn provider(
    kind: ProviderKind,
    workos: Option<&WorkOsSettings>,
    breached: Option<&Path>,
    clock: &Arc<dyn Clock>,
) -> Result<Provider, SignInError> {
    Ok(match kind {
        ProviderKind::Password => {
            let breached =
                breached.map(BreachedPasswords::open).transpose().map_err(SignInError::Breached)?;
            let settings = tryzore_provider_password::Settings { breached, ..Default::default() };
            Either::Left(PasswordProvider::try_new(settings)?)
        }
        ProviderKind::Workos => {
            let workos = workos.ok_or(SignInError::NoWorkOs)?;
            Either::Right(WorkOs::try_new(tryzore_provider_workos::Settings {
                api_key: workos.api_key.clone(),
                client_id: workos.client_id.clone(),
                base_url: workos.base_url.clone(),
                timeout: Duration::from_secs(workos.timeout_seconds),
                clock: Arc::clone(clock),
            })?)
        }
    })
}

/// Why sign-in cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The identity provider.
    #[error("the identity provider cannot be set up")]
    Provider(#[from] IdentityError),
    /// `provider = "workos"` without its section.
    #[error("auth.workos: expected `api_key` and `client_id`, because auth.provider is \"workos\"")]
    NoWorkOs,
    /// The list of breached passwords.
    #[error("auth.breached_passwords cannot be read")]
    Breached(#[source] std::io::Error),
    /// The signing keys.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// The identity provider, the signing keys and the source of random bits.
pub struct SignIn {
    /// The identity provider.
    pub provider: Provider,
    /// Signs access tokens.
    pub signing: Arc<Signing>,
    /// Random bits for tokens.
    pub secrets: SystemSecrets,
    /// Derives the next refresh tokens.
    pub successors: SuccessorKeys,
}

impl SignIn {
    /// Sets up sign-in according to `settings`.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn open(db: &Db, settings: &AuthSettings) -> Result<Self, SignInError> {
        let provider = provider(
            settings.provider,
            settings.workos.as_ref(),
            settings.breached_passwords.as_deref(),
            db.clock(),
        )?;
        let signing = Arc::new(Signing::open(db.clone(), settings).await?);
        let successors = successor_keys(settings)?;
        Ok(Self { provider, signing, secrets: SystemSecrets, successors })
    }

    /// The provider, if it has organizations of tenants.
    ///
    /// # Errors
    /// 404 if it has none.
    pub fn organizations(&self) -> Result<&WorkOs, Problem> {
        match &self.provider {
            Either::Left(_) => Err(Problem::not_found("single sign-on")),
            Either::Right(workos) => Ok(workos),
        }
    }

    /// The provider, if it has a sign-in page of its own.
    ///
    /// # Errors
    /// 404 if it has none.
    pub fn sign_in_page(&self) -> Result<&Provider, Problem> {
        match &self.provider {
            Either::Left(_) => Err(Problem::not_found("sign-in page")),
            Either::Right(_) => Ok(&self.provider),
        }
    }
}

/// [`SignIn`] as an argument of handlers.
pub(crate) struct SignInService(Data<SignIn>);

impl Deref for SignInService {
    type Target = SignIn;

    fn deref(&self) -> &SignIn {
        &self.0
    }
}

impl FromRequest for SignInService {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.app_data::<Data<SignIn>>().cloned();
        ready(known.map(Self).ok_or_else(|| Problem::not_found("operation").into()))
    }
}
