//! What signing in needs beside the database: the identity provider and the keys that sign.
//!
//! Built once when a service starts, from its `auth` settings.

use crate::{
    ApiError,
    settings::{AuthSettings, ProviderKind, WorkOsSettings},
    signing::{Signing, SigningError},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
    time::Duration,
};
use tryzore_auth::{Either, IdentityError};
use tryzore_kernel::{Clock, Problem};
use tryzore_postgres::Db;
use tryzore_provider_jwt::SystemSecrets;
use tryzore_provider_password::PasswordProvider;
use tryzore_provider_workos::WorkOs;

/// The identity provider that the configuration names.
pub type Provider = Either<PasswordProvider, WorkOs>;

/// The provider of this `kind`, reached as `workos` says when it is that.
///
/// # Errors
/// [`SignInError`].
pub fn provider(
    kind: ProviderKind,
    workos: Option<&WorkOsSettings>,
    clock: &Arc<dyn Clock>,
) -> Result<Provider, SignInError> {
    Ok(match kind {
        ProviderKind::Password => Either::Left(PasswordProvider::try_new(Default::default())?),
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

/// Why a service cannot sign anyone in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider.
    #[error("the identity provider cannot be set up")]
    Provider(#[from] IdentityError),
    /// `provider = "workos"` without its section.
    #[error("auth.workos: expected `api_key` and `client_id`, because auth.provider is \"workos\"")]
    NoWorkOs,
    /// The keys.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// What signing in needs.
pub struct SignIn {
    /// Proves who a person is.
    pub provider: Provider,
    /// Signs access tokens.
    pub signing: Arc<Signing>,
    /// Random bits for tokens.
    pub secrets: SystemSecrets,
}

impl SignIn {
    /// As `settings` say.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn open(db: &Db, settings: &AuthSettings) -> Result<Self, SignInError> {
        let provider = provider(settings.provider, settings.workos.as_ref(), db.clock())?;
        let signing = Arc::new(Signing::open(db.clone(), settings).await?);
        Ok(Self { provider, signing, secrets: SystemSecrets })
    }

    /// The provider, when it has a sign-in page of its own.
    ///
    /// # Errors
    /// 404 when it has none.
    pub fn sign_in_page(&self) -> Result<&Provider, Problem> {
        match &self.provider {
            Either::Left(_) => Err(Problem::not_found("sign-in page")),
            Either::Right(_) => Ok(&self.provider),
        }
    }
}

/// What signing in needs, for handlers.
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
