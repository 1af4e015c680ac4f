//! The identity provider that the configuration chooses, when there are two possible ones.

use crate::{
    Authorization, AuthorizationRequest, Enrolment, Identity, IdentityError, IdentityProvider, Kept, Origin,
    PasswordHash, SignInMethod,
};
use secrecy::SecretString;
use tryzore_kernel::Email;

/// One of two providers, chosen when the service starts.
#[derive(Debug, Clone)]
pub enum Either<L, R> {
    /// The first provider.
    Left(L),
    /// The second provider.
    Right(R),
}

impl<L: IdentityProvider, R: IdentityProvider> IdentityProvider for Either<L, R> {
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        kept: Option<&PasswordHash>,
        origin: &Origin,
    ) -> Result<Identity, IdentityError> {
        match self {
            Self::Left(provider) => provider.identity_authenticate(method, kept, origin).await,
            Self::Right(provider) => provider.identity_authenticate(method, kept, origin).await,
        }
    }

    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError> {
        match self {
            Self::Left(provider) => provider.identity_enrol(whom, password).await,
            Self::Right(provider) => provider.identity_enrol(whom, password).await,
        }
    }

    async fn mailed_code_send(&self, email: &Email, origin: &Origin) -> Result<(), IdentityError> {
        match self {
            Self::Left(provider) => provider.mailed_code_send(email, origin).await,
            Self::Right(provider) => provider.mailed_code_send(email, origin).await,
        }
    }

    async fn provider_session_end(&self, session: &str) -> Result<(), IdentityError> {
        match self {
            Self::Left(provider) => provider.provider_session_end(session).await,
            Self::Right(provider) => provider.provider_session_end(session).await,
        }
    }

    fn authorization_start(&self, request: AuthorizationRequest) -> Result<Authorization, IdentityError> {
        match self {
            Self::Left(provider) => provider.authorization_start(request),
            Self::Right(provider) => provider.authorization_start(request),
        }
    }
}
