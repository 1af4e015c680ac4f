//! The ports of the use cases to the database and to the signer.
//!
//! Methods that end in `_lock` lock the row until the transaction ends. **One lock order:** user, then
//! session; the row of a session also guards its family of refresh tokens.

use crate::{
    ApiKey, Claims, Membership, OneTimeToken, PasswordHash, Purpose, RefreshToken, Revocation, Session,
    Suspension, Throttle, ThrottleKey, TokenHash, User, acting::KnownPerson, support_access::SupportGrant,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{ApiKeyId, AuditEntry, Email, SessionId, StoreResult, SupportGrantId, TenantId, UserId};
use tryzore_rbac::{Holdings, OrganizationNode};

/// Users, of all tenants.
#[trait_variant::make(Send)]
pub trait Users {
    /// A user, not locked.
    async fn user_find(&mut self, id: UserId) -> StoreResult<Option<User>>;
    /// A user, locked.
    async fn user_lock(&mut self, id: UserId) -> StoreResult<Option<User>>;
    /// The user with this address.
    async fn user_find_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
    /// The user with this address, locked.
    async fn user_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
    /// The user with this id at the identity provider, locked.
    async fn user_lock_by_subject(&mut self, subject: &str) -> StoreResult<Option<User>>;
    /// Adds a user; returns false and does nothing when the address is taken.
    async fn user_insert(&mut self, user: &User) -> StoreResult<bool>;
    /// Stores the changed user.
    async fn user_update(&mut self, user: &User) -> StoreResult<()>;
}

/// Sessions of users.
#[trait_variant::make(Send)]
pub trait Sessions {
    /// Adds a session.
    async fn session_insert(&mut self, session: &Session) -> StoreResult<()>;
    /// A session, not locked.
    async fn session_find(&mut self, id: SessionId) -> StoreResult<Option<Session>>;
    /// A session, locked.
    async fn session_lock(&mut self, id: SessionId) -> StoreResult<Option<Session>>;
    /// A session that belongs to this session of the identity provider, locked; an ended one only when none
    /// is live.
    async fn session_lock_by_provider(&mut self, provider_session: &str) -> StoreResult<Option<Session>>;
    /// Stores the changed session.
    async fn session_update(&mut self, session: &Session) -> StoreResult<()>;
    /// Moves `last_active` forward, without waiting for a lock on the row.
    async fn session_touch(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()>;
    /// The live sessions of a user, last active first.
    async fn session_list(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>>;
    /// Revokes the live acting sessions of a user; returns those that it ended.
    async fn session_revoke_acting(
        &mut self,
        user: UserId,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>>;
    /// Revokes all live sessions of a user except `keep`; returns those that it ended.
    async fn session_revoke_all(
        &mut self,
        user: UserId,
        keep: Option<SessionId>,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>>;
}

/// Refresh tokens of sessions.
#[trait_variant::make(Send)]
pub trait RefreshTokens {
    /// Locks the session of the token with this hash, and then reads the token under that lock.
    async fn refresh_family_lock(&mut self, hash: &TokenHash)
    -> StoreResult<Option<(Session, RefreshToken)>>;
    /// Adds a token. The database refuses a second live token in a family.
    async fn refresh_token_insert(&mut self, token: &RefreshToken) -> StoreResult<()>;
    /// Stores the changed token.
    async fn refresh_token_update(&mut self, token: &RefreshToken) -> StoreResult<()>;
    /// The live token of a family, which was locked before.
    async fn refresh_family_live(&mut self, session: SessionId) -> StoreResult<Option<RefreshToken>>;
    /// Revokes the live tokens of these families.
    async fn refresh_family_revoke(&mut self, sessions: &[SessionId], at: DateTime<Utc>) -> StoreResult<()>;
}

/// The password hashes that we store ourselves.
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

/// Tokens of mailed links.
#[trait_variant::make(Send)]
pub trait OneTimeTokens {
    /// Adds a token.
    async fn one_time_token_insert(&mut self, token: &OneTimeToken) -> StoreResult<()>;
    /// The token with this hash.
    async fn one_time_token_find(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>>;
    /// The token with this hash, locked.
    async fn one_time_token_lock(&mut self, hash: &TokenHash) -> StoreResult<Option<OneTimeToken>>;
    /// Marks unspent tokens of a user as spent: those for `purpose`, or all.
    async fn one_time_token_spend_all(
        &mut self,
        user: UserId,
        purpose: Option<Purpose>,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Counted attempts per key.
#[trait_variant::make(Send)]
pub trait LoginAttempts {
    /// The counted attempts of `key`, locked even when there are none, so that two transactions never both
    /// see none.
    async fn throttle_lock(&mut self, key: &ThrottleKey) -> StoreResult<Throttle>;
    /// Stores the counted attempts.
    async fn throttle_save(&mut self, key: &ThrottleKey, throttle: &Throttle) -> StoreResult<()>;
}

/// Where users belong, according to other domains.
#[trait_variant::make(Send)]
pub trait Memberships {
    /// The open tenants that a user belongs to as employee, owner or client.
    async fn membership_list(&mut self, user: UserId) -> StoreResult<Vec<Membership>>;
    /// The holdings of a user in a tenant; `None` when the user does not belong there or the tenant is not
    /// open.
    async fn holdings_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<Holdings>>;
    /// The locations of an open tenant; `None` when there is no such tenant, or it is not open.
    async fn locations_find(&mut self, tenant: TenantId) -> StoreResult<Option<Vec<OrganizationNode>>>;
    /// A person as the tenant itself knows them, as employee or client.
    async fn person_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<KnownPerson>>;
    /// Whether a user is an operator of the platform who may ask for support access.
    async fn is_supporter(&mut self, user: UserId) -> StoreResult<bool>;
    /// The suspended tenants that a user belongs to, read when the user has no access; with the reason for
    /// those that the user owns. In the order in which the user joined them.
    async fn suspension_list(&mut self, user: UserId) -> StoreResult<Vec<Suspension>>;
}

/// A request for support access, or an approval (AUT-17).
#[trait_variant::make(Send)]
pub trait SupportApprovals {
    /// A request to a tenant, locked so that it does not change while a session is begun under it.
    async fn support_grant_lock(
        &mut self,
        tenant: TenantId,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>>;
}

/// Changes of requests for support access.
#[trait_variant::make(Send)]
pub trait SupportGrants: SupportApprovals {
    /// Adds a request.
    async fn support_grant_insert(&mut self, grant: &SupportGrant) -> StoreResult<()>;
    /// Stores the changed request.
    async fn support_grant_update(&mut self, grant: &SupportGrant) -> StoreResult<()>;
    /// Revokes the live sessions under an approval; returns their ids.
    async fn support_sessions_revoke(
        &mut self,
        grant: SupportGrantId,
        revocation: Revocation,
    ) -> StoreResult<Vec<SessionId>>;
}

/// What an operator reads and writes of a tenant in order to ask it for support access.
#[trait_variant::make(Send)]
pub trait SupportTrail {
    /// Whether there is such a tenant and it is not deleted.
    async fn support_tenant_exists(&mut self, tenant: TenantId) -> StoreResult<bool>;
    /// The name of an operator.
    async fn support_operator_name(&mut self, operator: UserId) -> StoreResult<Option<String>>;
    /// Adds an entry to the audit trail of the tenant.
    async fn support_trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()>;
}

/// API keys of other services (AUT-06).
#[trait_variant::make(Send)]
pub trait ApiKeys {
    /// Adds a key.
    async fn api_key_insert(&mut self, key: &ApiKey) -> StoreResult<()>;
    /// The key with this prefix, of any tenant that is not deleted.
    async fn api_key_find(&mut self, prefix: &str) -> StoreResult<Option<FoundApiKey>>;
    /// A key of a tenant, locked.
    async fn api_key_lock(&mut self, tenant: TenantId, id: ApiKeyId) -> StoreResult<Option<ApiKey>>;
    /// Stores the changed key.
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
    /// The suspension of its tenant, if it is suspended.
    pub suspension: Option<Suspension>,
    /// Whether the account of its issuer is deactivated.
    pub is_issuer_closed: bool,
}

/// The key pairs that sign access tokens.
#[trait_variant::make(Send)]
pub trait SigningKeys {
    /// All key pairs, locked: only one rotation runs at a time.
    async fn signing_key_lock_all(&mut self) -> StoreResult<Vec<SigningKey>>;
    /// All key pairs.
    async fn signing_key_list(&mut self) -> StoreResult<Vec<SigningKey>>;
    /// Adds a key pair.
    async fn signing_key_insert(&mut self, key: &SigningKey) -> StoreResult<()>;
    /// Stores the state of a key pair.
    async fn signing_key_update(&mut self, kid: &str, state: SigningKeyState) -> StoreResult<()>;
    /// Deletes a key pair.
    async fn signing_key_delete(&mut self, kid: &str) -> StoreResult<()>;
}

/// A key pair as it is stored: the private half is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The `kid` of the tokens that the pair signs, unique.
    pub kid: String,
    /// The public half: 32 bytes of Ed25519.
    pub public: Vec<u8>,
    /// The private half, encrypted and authenticated together with `kid`.
    pub sealed: Vec<u8>,
    /// The name of the key that encrypted it.
    pub sealed_with: String,
    /// The state of the pair.
    pub state: SigningKeyState,
    /// When the pair was created.
    pub created_at: DateTime<Utc>,
}

/// The state of a key pair: `next` is published before it signs, so that every process knows it by then;
/// `retired` still verifies the tokens that it has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyState {
    /// Will sign after the next rotation.
    Next,
    /// Signs tokens.
    Current {
        /// When the pair began to sign.
        since: DateTime<Utc>,
    },
    /// No longer signs.
    Retired {
        /// When the pair stops verifying.
        until: DateTime<Utc>,
    },
}

/// Signs and verifies access tokens. This is pure computation: no transaction, no waiting.
pub trait AccessTokens: Send + Sync {
    /// The token with `claims`.
    ///
    /// # Errors
    /// [`TokenError::NoKey`].
    fn access_token_sign(&self, claims: &Claims) -> Result<SecretString, TokenError>;

    /// The claims of `token`, if we have signed it and it has not expired at `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    fn access_token_verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError>;
}

/// Why an access token is refused, or cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is not three parts of base64url with JSON of the right shape.
    #[error("the token cannot be read")]
    Malformed,
    /// The token is signed with another algorithm, or not at all, or is not an access token.
    #[error("the token is not of the kind that we issue")]
    Kind,
    /// The token names a key that is not, or no longer, ours.
    #[error("the token names a key that is not ours")]
    UnknownKey,
    /// The signature is not valid.
    #[error("the signature is not valid")]
    Signature,
    /// The token was issued by, or for, someone else.
    #[error("the token is not from us or not for us")]
    Audience,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token was issued in the future, or is valid for more than an hour.
    #[error("the times of the token are not valid")]
    Times,
    /// There is no key to sign with.
    #[error("there is no key to sign with")]
    NoKey,
}

impl TokenError {
    /// The refusal for a caller: 401, with a code of its own where a client handles the case itself.
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
