//! The port to identity providers: who proves that a person is who they say.
//!
//! There are two adapters. One keeps passwords with us: it hashes and compares, and what must be
//! stored it hands back ([`Kept::hash`], [`Identity::rehashed`]), so that it is stored in the
//! transaction of the use case. The other is WorkOS, which keeps everything on its side; of it we
//! keep the user's id ([`Kept::subject`]).
//!
//! Calls take long (a network, or a hash that is slow by design) and are never made inside a
//! transaction.

use crate::Origin;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::Email;

/// What a person presents to sign in.
#[derive(Debug, Clone)]
pub enum SignInMethod {
    /// A password.
    Password {
        /// The account.
        email: Email,
        /// As typed.
        password: SecretString,
    },
    /// What the provider's own sign-in page sent back.
    Code {
        /// Works once.
        code: SecretString,
        /// The secret half of PKCE (RFC 7636), from [`Authorization::code_verifier`].
        code_verifier: Option<SecretString>,
    },
}

/// Who the provider says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user at the provider; none when the provider keeps no users of its own.
    pub subject: Option<String>,
    /// The address.
    pub email: Email,
    /// Whether the provider knows that the person reads mail at it.
    pub email_verified: bool,
    /// What the person is called.
    pub name: Option<String>,
    /// The session at the provider, when it keeps one.
    pub provider_session: Option<String>,
    /// The same password hashed by today's parameters, when those of the kept hash are old.
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

/// For whom a password is set. Whoever asks has proven the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The proven address.
    pub email: Email,
    /// What the person is called.
    pub name: String,
    /// The user at the provider, when it is known already.
    pub subject: Option<String>,
}

/// What we are to keep of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The user at the provider.
    pub subject: Option<String>,
    /// The password's hash.
    pub hash: Option<PasswordHash>,
}

/// Where a provider's sign-in page is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationRequest {
    /// Where the page sends the person back to; registered with the provider.
    pub redirect_uri: String,
    /// An address to fill in.
    pub login_hint: Option<String>,
    /// The provider's own organization, for single sign-on (AUT-09).
    pub provider_organization: Option<String>,
}

/// A way to a provider's sign-in page.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Where to send the person.
    pub url: String,
    /// Comes back with the code: the caller keeps it and compares (RFC 6749, section 10.12).
    pub state: String,
    /// The caller keeps it and presents it with the code; never sent to the page.
    pub code_verifier: SecretString,
}

/// Why a provider said no, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Wrong, without saying what.
    #[error("the credentials are wrong")]
    Rejected,
    /// Right, but the provider has never seen the mailbox proven.
    #[error("the address is not verified")]
    EmailUnverified,
    /// Right, and the provider wants more: `mfa`, `organization_selection`, `sso`.
    #[error("the provider wants more: {0}")]
    MoreNeeded(String),
    /// Someone else is acting as the person, by the provider's own means.
    #[error("the provider's session impersonates the user")]
    Impersonated,
    /// The password breaks a rule; the text says which, for the person.
    #[error("{0}")]
    WeakPassword(String),
    /// This provider has no such thing.
    #[error("the identity provider does not do this")]
    Unsupported,
    /// The provider limits us.
    #[error("the provider limits us")]
    Throttled {
        /// When to come back.
        retry_after: TimeDelta,
    },
    /// The provider, or the machine, cannot answer now.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// The provider's answer makes no sense, or our configuration is wrong.
    #[error("the provider failed: {0}")]
    Broken(String),
}

/// Proves who a person is.
#[trait_variant::make(Send)]
pub trait IdentityProvider: Sync {
    /// Who presents `method`. `kept` is the hash that we keep for the address, if any: with
    /// none, a provider that compares passwords does the same work and rejects.
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        kept: Option<&PasswordHash>,
        origin: &Origin,
    ) -> Result<Identity, IdentityError>;

    /// Sets the password of someone who has just proven the address; makes the user at the
    /// provider when there is none.
    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError>;

    /// Ends a session at the provider. Ending what has ended is no error.
    async fn provider_session_end(&self, session: &str) -> Result<(), IdentityError>;

    /// The way to the provider's sign-in page.
    ///
    /// # Errors
    /// [`IdentityError::Unsupported`] when it has none.
    fn authorization_start(&self, request: AuthorizationRequest) -> Result<Authorization, IdentityError>;
}

/// The longest password that is looked at: a hash of something longer is only work for us.
pub const PASSWORD_MAX: usize = 128;

/// Whether `password` can be a password at all; more is the provider's to say.
pub(crate) fn is_plausible(password: &SecretString) -> bool {
    (1..=PASSWORD_MAX).contains(&password.expose_secret().chars().count())
}
