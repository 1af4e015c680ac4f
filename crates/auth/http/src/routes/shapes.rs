//! The words of texts in answers, for the contract.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::Serialize;
use utoipa::ToSchema;

/// Where a user stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UserStatus {
    /// Made by a purchase, an import or a sign-up; nobody has proven the mailbox yet.
    PendingClaim,
    /// Made by an invitation; nobody has proven the mailbox yet.
    Invited,
    /// Someone's.
    Active,
    /// Closed; cannot sign in.
    Deactivated,
}

/// What a second factor is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FactorKind {
    /// An authenticator app.
    Totp,
}

/// What was verified as the second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FactorMethod {
    /// A code of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

/// How an access token is presented.
#[derive(Serialize, ToSchema)]
pub(super) enum TokenType {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer,
}
