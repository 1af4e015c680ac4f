//! Authentication: users, sign-in, sessions, tokens and API keys.
//!
//! An identity provider authenticates a person, and our own session follows. The provider is a port
//! ([`IdentityProvider`]): our own passwords, or WorkOS. A proven identity leads to a [`Session`], which is
//! the single point of revocation (AUT-11), a refresh token that changes at every use, and [`Claims`] for
//! an hour (AUT-01, AUT-02).
//!
//! - [`user`], [`session`], [`refresh_token`], [`one_time_token`], [`api_key`], [`throttle`]: the entities
//!   and their rules.
//! - [`claims`]: the claims of an access token.
//! - [`identity`]: the port to identity providers.
//! - [`ports`]: the ports to the database and to the signing keys.
//! - [`letter`]: the letters that are sent to people.
//! - [`login`], [`refresh`], [`logout`], [`switch_organization`], [`resume`]: being signed in.
//! - [`suspension`]: the refusal of users whose tenant the platform has suspended.
//! - [`register`], [`verify_email`], [`forgot_password`], [`reset_password`], [`issue_link`]:
//!   proving a mailbox and choosing a password.
//! - [`factor`], [`totp`], [`recovery_code`], [`login_challenge`], [`factor_policy`]: second factors, and what
//!   tenants require of them; [`enroll_factor`], [`finish_sign_in`], [`verify_factor`], [`manage_factors`],
//!   [`set_factor_policy`]: using them.
//! - [`list_sessions`], [`revoke_session`], [`follow_provider`], [`issue_api_key`],
//!   [`verify_api_key`], [`revoke_api_key`].
//!
//! **Use cases with a provider have three steps.** No provider is called (and no password hashed) inside a
//! transaction, so such a use case is `admit` (in a transaction), a method on its result (outside of one),
//! and `settle` (in a transaction). The types allow no other order.
//!
//! **Use cases have two kinds of failure.** A refusal often has something to store: a counted failure, a
//! revoked family. Use cases that can both refuse and store return [`Settled`]: the outer error rolls back,
//! the inner refusal is committed.
//!
//! **Invariants:**
//! - No secret is stored: tokens and keys only as SHA-256, compared in constant time; passwords
//!   only as a provider's hash; none of them is in an event, the audit trail or a `Debug` text.
//! - Only a person who has proven the mailbox can choose a password. So signing up with someone else's
//!   address prepares nothing, and claiming (AUT-10) needs no second mechanism.
//! - A family of refresh tokens has at most one live token, and none once its session is revoked.
//! - No answer before a successful sign-in depends on whether an address is known.

pub mod acting;
pub mod api_key;
pub mod check_factor;
pub mod claims;
pub mod domain_event;
pub mod enroll_factor;
pub mod error;
pub mod factor;
pub mod factor_policy;
pub mod factor_ports;
pub mod finish_sign_in;
pub mod follow_provider;
pub mod forgot_password;
pub mod identity;
pub mod impersonate;
pub mod issue_api_key;
pub mod issue_link;
pub mod letter;
pub mod list_sessions;
pub mod login;
pub mod login_challenge;
pub mod logout;
pub mod manage_factors;
pub mod membership;
pub mod one_time_token;
pub mod ports;
pub mod recovery_code;
pub mod refresh;
pub mod refresh_token;
pub mod register;
pub mod reset_password;
pub mod resume;
pub mod revoke_api_key;
pub mod revoke_session;
pub mod secret;
pub mod session;
pub mod set_factor_policy;
pub mod support_access;
pub mod suspension;
pub mod switch_organization;
pub mod throttle;
pub mod totp;
pub mod user;
pub mod verify_api_key;
pub mod verify_email;
pub mod verify_factor;

mod choose_password;
mod either;
mod ending;
mod enter;
#[cfg(test)]
mod testing;

pub use acting::{Acting, Shows};
pub use api_key::ApiKey;
pub use check_factor::FactorProof;
pub use choose_password::{Chosen, Redeemable};
pub use claims::Claims;
pub use either::Either;
pub use error::{Refusal, Settled};
pub use factor::{Factor, FactorKind, FactorMethod, FactorSeal, FactorUse, SealedSecret};
pub use factor_policy::{FactorPolicy, FactorPolicyForm, FactorSubject};
pub use factor_ports::{FactorPolicies, FactorRules, Factors, LoginChallenges, RecoveryCodes};
pub use identity::{
    Authorization, AuthorizationRequest, Enrolment, Identity, IdentityError, IdentityProvider, Kept,
    PasswordHash, SignInMethod,
};
pub use login_challenge::LoginChallenge;
pub use membership::Membership;
pub use one_time_token::{OneTimeToken, Purpose};
pub use ports::{
    AccessTokens, ApiKeys, Credentials, FoundApiKey, LoginAttempts, Memberships, OneTimeTokens,
    RefreshTokens, Sessions, SigningKeys, SupportApprovals, SupportGrants, SupportTrail, Users,
};
pub use refresh_token::{RefreshState, RefreshToken};
pub use secret::{Secrets, Successors};
pub use session::{Device, Origin, Revocation, RevocationReason, Session};
pub use suspension::Suspension;
pub use throttle::{Throttle, ThrottleKey};
pub use tryzore_kernel::TokenHash;
pub use user::{User, UserStatus};
