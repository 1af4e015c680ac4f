//! What a sign-in gives.

use crate::{Claims, Membership, Session, User};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// A successful sign-in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The user who signed in.
    pub user: User,
    /// The tokens of the new session.
    pub tokens: Tokens,
    /// The tenants that the user can sign in to, including this one.
    pub memberships: Vec<Membership>,
}

/// The tokens of a client while a user is signed in.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The session.
    pub session: Session,
    /// The claims of the access token.
    pub claims: Claims,
    /// Gets the next access token, once.
    pub refresh_token: SecretString,
    /// When the refresh token expires.
    pub refresh_expires_at: DateTime<Utc>,
}
