//! What the use cases need from the database and from the signer.
//!
//! Methods that end in `_lock` hold the row until the transaction ends. **One lock order:** user,
//! then session; and a session's row guards its family of refresh tokens.

use crate::{
    ApiKey, Claims, Membership, OneTimeToken, PasswordHash, Purpose, RefreshToken, Revocation, Session,
    Suspension, Throttle, ThrottleKey, TokenHash, User,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{ApiKeyId, Email, SessionId, StoreResult, TenantId, UserId};
use tryzore_rbac::Holdings;

/// Users, of all tenants.
#[trait_variant::make(Send)]
pub trait Users {
    /// A user.
    async fn user_find(&mut self, id: UserId) -> StoreResult<Option<User>>;
    /// A user, held.
    async fn user_lock(&mut self, id: UserId) -> StoreResult<Option<User>>;
    /// The user with this address.
    async fn user_find_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
    /// The user with this address, held.
    async fn user_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
    /// The user with this id at the identity provider, held.
    async fn user_lock_by_subject(&mut self, subject: &str) -> StoreResult<Option<User>>;
    /// Adds a user; false, and nothing done, when the address is taken.
    async fn user_insert(&mut self, user: &User) -> StoreResult<bool>;
    /// Stores a user as it now is.
    async fn user_update(&mut self, user: &User) -> StoreResult<()>;
}

/// Sessions.
#[trait_variant::make(Send)]
pub trait Sessions {
    /// Adds a session.
    async fn session_insert(&mut self, session: &Session) -> StoreResult<()>;
    /// A session.
    async fn session_find(&mut self, id: SessionId) -> StoreResult<Option<Session>>;
    /// A session, held.
    async fn session_lock(&mut self, id: SessionId) -> StoreResult<Option<Session>>;
    /// A session that follows this one of the identity provider, held; one that has ended only when
    /// none is live.
    async fn session_lock_by_provider(&mut self, provider_session: &str) -> StoreResult<Option<Session>>;
    /// Stores a session as it now is.
    async fn session_update(&mut self, session: &Session) -> StoreResult<()>;
    /// Moves `last_active` forward, without waiting for who holds the row.
    async fn session_touch(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()>;
    /// The live sessions of a user, last active first.
    async fn session_list(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>>;
    /// Revokes all live sessions of a user but `keep`; answers those that it ended.
    async fn session_revoke_all(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>>;
}

/// Refresh tokens.
#[trait_variant::make(Send)]
pub trait RefreshTokens {
    /// The session of the token with this hash, held, and then the token as it is under that lock.
    async fn refresh_family_lock(&mut self, hash: &TokenHash)
    -> StoreResult<Option<(Session, RefreshToken)>>;
    /// Adds a token. The database refuses a second live one in a family.
    async fn refresh_token_insert(&mut self, token: &RefreshToken) -> StoreResult<()>;
    /// Stores a token as it now is.
    async fn refresh_token_update(&mut self, token: &RefreshToken) -> StoreResult<()>;
    /// Revokes what is live in these families.
    async fn refresh_family_revoke(&mut self, sessions: &[SessionId], at: DateTime<Utc>) -> StoreResult<()>;
}

/// The hashes of passwords that are kept with us.
#[trait_variant::make(Send)]
pub trait Credentials {
    /// The hash for an address; one statement, whether there is a user or not.
    async fn credential_find(&mut self, email: &Email) -> StoreResult<Option<PasswordHash>>;
    /// Sets the hash of a user.
    async fn credential_save(
        &mut self,
        user: UserId,
        hash: &PasswordHash,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Mailed tokens.
#[trait_variant::make(Send)]
pub trait OneTimeTokens {
    /// Adds a token.
    async fn one_time_token_insert(&mut self, token: &OneTimeToken) -> StoreResult<()>;
    /// The token with this hash.
    async fn one_time_token_find(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>>;
    /// The token with this hash, held.
    async fn one_time_token_lock(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>>;
    /// Marks all unspent tokens of a user as spent: those for `purpose`, or all.
    async fn one_time_token_spend_all(
        &mut self,
        user: UserId,
        purpose: Option<Purpose>,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Counted attempts.
#[trait_variant::make(Send)]
pub trait LoginAttempts {
    /// What was tried with `key`, held, also when nothing was: two callers never both see nothing.
    async fn throttle_lock(&mut self, key: &ThrottleKey) -> StoreResult<Throttle>;
    /// Stores what was tried.
    async fn throttle_save(&mut self, key: &ThrottleKey, throttle: &Throttle) -> StoreResult<()>;
}

/// Where users belong, as other domains know it.
#[trait_variant::make(Send)]
pub trait Memberships {
    /// The open tenants that a user belongs to as employee, owner or client.
    async fn membership_list(&mut self, user: UserId) -> StoreResult<Vec<Membership>>;
    /// What a user holds in a tenant; none when it does not belong there or the tenant is not open.
    async fn holdings_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<Holdings>>;
    /// The suspended tenants that a user belongs to, asked when it gets nowhere; the reason of those
    /// that it owns. In the order in which it joined them.
    async fn suspension_list(&mut self, user: UserId) -> StoreResult<Vec<Suspension>>;
}

/// Keys of other services (AUT-06).
#[trait_variant::make(Send)]
pub trait ApiKeys {
    /// Adds a key.
    async fn api_key_insert(&mut self, key: &ApiKey) -> StoreResult<()>;
    /// The key with this prefix, of any tenant that was not given up.
    async fn api_key_find(&mut self, prefix: &str) -> StoreResult<Option<FoundApiKey>>;
    /// A key of a tenant, held.
    async fn api_key_lock(&mut self, tenant: TenantId, id: ApiKeyId) -> StoreResult<Option<ApiKey>>;
    /// Stores a key as it now is.
    async fn api_key_update(&mut self, key: &ApiKey) -> StoreResult<()>;
    /// Moves `last_used_at` forward.
    async fn api_key_touch(&mut self, id: ApiKeyId, now: DateTime<Utc>) -> StoreResult<()>;
    /// The keys of a tenant, newest first.
    async fn api_key_list(&mut self, tenant: TenantId) -> StoreResult<Vec<ApiKey>>;
}

/// A key as it is looked up by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundApiKey {
    /// The key.
    pub key: ApiKey,
    /// Since when its tenant is suspended, if it is.
    pub suspension: Option<Suspension>,
    /// Whether the account of the one who issued it is closed.
    pub is_issuer_closed: bool,
}

/// The key pairs that sign access tokens.
#[trait_variant::make(Send)]
pub trait SigningKeys {
    /// All of them, held: one rotation at a time.
    async fn signing_key_lock_all(&mut self) -> StoreResult<Vec<SigningKey>>;
    /// All of them.
    async fn signing_key_list(&mut self) -> StoreResult<Vec<SigningKey>>;
    /// Adds one.
    async fn signing_key_insert(&mut self, key: &SigningKey) -> StoreResult<()>;
    /// Stores the state of one.
    async fn signing_key_update(&mut self, kid: &str, state: SigningKeyState) -> StoreResult<()>;
    /// Forgets one.
    async fn signing_key_delete(&mut self, kid: &str) -> StoreResult<()>;
}

/// A key pair as it is stored: the private half sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The `kid` of tokens that it signs, unique.
    pub kid: String,
    /// The public half: 32 bytes of Ed25519.
    pub public: Vec<u8>,
    /// The private half, encrypted and authenticated together with `kid`.
    pub sealed: Vec<u8>,
    /// Which key it was sealed with.
    pub sealed_with: String,
    /// Where it stands.
    pub state: SigningKeyState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Where a key pair stands: `next` is published before it signs, so that everyone knows it by
/// then; `retired` still verifies what it has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyState {
    /// Will sign after the next rotation.
    Next,
    /// Signs.
    Current {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Signs no more.
    Retired {
        /// Verifies until then.
        until: DateTime<Utc>,
    },
}

/// Signs and verifies access tokens. Pure computation: no transaction, no waiting.
pub trait AccessTokens: Send + Sync {
    /// The token that says `claims`.
    ///
    /// # Errors
    /// [`TokenError::NoKey`].
    fn access_token_sign(&self, claims: &Claims) -> Result<SecretString, TokenError>;

    /// What `token` says, if it is ours and its time is not over at `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    fn access_token_verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError>;
}

/// Why an access token is not taken, or not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url with JSON of the right shape.
    #[error("the token cannot be read")]
    Malformed,
    /// Signed by another algorithm than ours, or not at all, or no access token.
    #[error("the token is not of the kind that we issue")]
    Kind,
    /// The key that it names is not (or no longer) ours.
    #[error("the token names a key that is not ours")]
    UnknownKey,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// Issued by, or meant for, someone else.
    #[error("the token is not from us or not for us")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Issued in the future, or for more than an hour.
    #[error("the times of the token do not hold")]
    Times,
    /// There is no key to sign with.
    #[error("there is no key to sign with")]
    NoKey,
}

impl TokenError {
    /// The answer to a caller: 401, with a code of its own for what a client handles itself.
    #[must_use]
    pub fn refusal(self) -> crate::Refusal {
        let (code, remedy) = match self {
            Self::Expired => ("auth.token.expired", "Get a new one with the refresh token."),
            _ => ("auth.token.rejected", "Sign in again."),
        };
        let action = if self == Self::Expired { "refresh_tokens" } else { "sign_in" };
        crate::error::unauthenticated(
            tryzore_kernel::Denial::right(code)
                .because("token", self.to_string())
                .remedy(remedy, Some(action)),
        )
    }
}
