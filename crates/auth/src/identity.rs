//! The port to identity providers, which prove who a person is.
//!
//! There are two adapters. One stores passwords in our database: it hashes and compares, and returns what
//! must be stored ([`Kept::hash`], [`Identity::rehashed`]), so that the use case stores it in its own
//! transaction. The other is WorkOS, which stores everything itself; we only store its id of the user
//! ([`Kept::subject`]).
//!
//! Calls are slow (a network request, or a hash that is slow by design) and are never made inside a
//! transaction.

use crate::Origin;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::Email;

/// How a person signs in.
#[derive(Debug, Clone)]
pub enum SignInMethod {
    /// With a password.
    Password {
        /// The address of the account.
        email: Email,
        /// The password as typed.
        password: SecretString,
    },
    /// With the code that the provider's own sign-in page sent back.
    Code {
        /// The code, which works once.
        code: SecretString,
        /// The PKCE code verifier (RFC 7636), from [`Authorization::code_verifier`].
        code_verifier: Option<SecretString>,
    },
}

/// The identity that a provider has proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id of the user at the provider; `None` when the provider has no users of its own.
    pub subject: Option<String>,
    /// The address of the person.
    pub email: Email,
    /// Whether the provider has verified that the person reads mail at the address.
    pub email_verified: bool,
    /// The name of the person.
    pub name: Option<String>,
    /// The session at the provider, if it has sessions.
    pub provider_session: Option<String>,
    /// How the person signed in: `password`, or what the provider says in lower case, such as `sso`.
    pub authentication_method: Option<String>,
    /// The same password hashed with the current parameters, if the stored hash has old ones.
    pub rehashed: Option<PasswordHash>,
}

/// A hash of a password in PHC string format (`$argon2id$v=19$...`), with salt and parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as it was stored.
    #[must_use]
    pub const fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// The user for whom a password is set. The address must have been proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The proven address.
    pub email: Email,
    /// The name of the person.
    pub name: String,
    /// The id of the user at the provider, if it is known.
    pub subject: Option<String>,
}

/// What we store after an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The id of the user at the provider.
    pub subject: Option<String>,
    /// The hash of the password.
    pub hash: Option<PasswordHash>,
}

/// The parameters of a provider's sign-in page.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationRequest {
    /// The address that the page redirects the person to; it must be registered with the provider.
    pub redirect_uri: String,
    /// An address to fill in.
    pub login_hint: Option<String>,
    /// The organization at the provider, for single sign-on (AUT-09).
    pub provider_organization: Option<String>,
}

/// A redirect to a provider's sign-in page.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The URL to redirect the person to.
    pub url: String,
    /// Comes back with the code: the caller stores it and compares (RFC 6749, section 10.12).
    pub state: String,
    /// The PKCE code verifier. The caller stores it and presents it with the code; it is never sent to the
    /// page.
    pub code_verifier: SecretString,
}

/// Why a provider refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The credentials are wrong; the provider does not say which part.
    #[error("the credentials are wrong")]
    Rejected,
    /// The credentials are right, but the provider has not verified the address.
    #[error("the address is not verified")]
    EmailUnverified,
    /// The credentials are right, but the provider needs more: `mfa`, `organization_selection`, `sso`.
    #[error("the provider needs more: {0}")]
    MoreNeeded(String),
    /// Someone impersonates the user with a feature of the provider.
    #[error("the provider's session impersonates the user")]
    Impersonated,
    /// The password breaks a rule; the text says which, for the person.
    #[error("{0}")]
    WeakPassword(String),
    /// The provider does not support the operation.
    #[error("the identity provider does not support this operation")]
    Unsupported,
    /// The provider limits the rate of our requests.
    #[error("the provider limits our requests")]
    Throttled {
        /// How long to wait before trying again.
        retry_after: TimeDelta,
    },
    /// The provider, or this machine, cannot answer at the moment.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// The provider's answer makes no sense, or our configuration is wrong.
    #[error("the provider failed: {0}")]
    Broken(String),
}

/// Proves who a person is.
#[trait_variant::make(Send)]
pub trait IdentityProvider: Sync {
    /// Authenticates with `method`. `kept` is the stored hash for the address, if any. Without one, a
    /// provider that compares passwords does the same work and rejects.
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        kept: Option<&PasswordHash>,
        origin: &Origin,
    ) -> Result<Identity, IdentityError>;

    /// Sets the password of a person who has just proven the address; creates the user at the provider if
    /// there is none.
    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError>;

    /// Ends a session at the provider. Ending an ended session is not an error.
    async fn provider_session_end(&self, session: &str) -> Result<(), IdentityError>;

    /// Starts a sign-in on the provider's page.
    ///
    /// # Errors
    /// [`IdentityError::Unsupported`] when the provider has no such page.
    fn authorization_start(&self, request: AuthorizationRequest) -> Result<Authorization, IdentityError>;
}

/// The longest accepted password: hashing a longer one is only a cost.
pub const PASSWORD_MAX: usize = 128;

/// Whether `password` can be a password at all; all other rules are the provider's.
pub(crate) fn is_plausible(password: &SecretString) -> bool {
    (1..=PASSWORD_MAX).contains(&password.expose_secret().chars().count())
}
