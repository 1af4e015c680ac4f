//! Signing in with a second factor: the password gives a challenge, the code gives the session.
//!
//! Only whoever has given the right password learns that the account has a factor.

use crate::{
    Credentials, FactorMethod, FactorProof, FactorSeal, Factors, LoginAttempts, LoginChallenge,
    LoginChallenges, Memberships, Origin, RecoveryCodes, RefreshTokens, Refusal, Secrets, Sessions, Settled,
    TokenHash, User, Users,
    check_factor::check_factor,
    enter::{Entry, enter},
    error::unauthenticated,
    login::{LoginRequest, SignedIn},
    login_challenge::LIFE,
    secret::{Minted, TokenKind},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::{Denial, Journal, StoreResult};

/// The answer to a challenge.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The text of the challenge.
    pub challenge: SecretString,
    /// What the user has typed.
    pub proof: FactorProof,
    /// The origin of the request.
    pub origin: Origin,
}

/// The refusal `auth.login.factor_required` with a new challenge, if `user`, who has given the right password
/// and whose row is locked, has a factor.
pub(crate) async fn challenge<T: Factors + RecoveryCodes + LoginChallenges>(
    tx: &mut T,
    user: &User,
    request: &LoginRequest,
    provider_session: Option<&String>,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> StoreResult<Option<Refusal>> {
    let factors = tx.factor_list(user.id).await?;
    let confirmed = factors.iter().filter(|factor| factor.is_confirmed());
    let mut methods: Vec<FactorMethod> = confirmed.map(|factor| factor.kind.method()).collect();
    if methods.is_empty() {
        return Ok(None);
    }
    if tx.recovery_codes_left(user.id).await? > 0 {
        methods.push(FactorMethod::RecoveryCode);
    }
    methods.sort_unstable();
    methods.dedup();
    let minted = Minted::try_new(TokenKind::Challenge, "", secrets)?;
    let challenge = LoginChallenge {
        hash: minted.hash,
        user: user.id,
        origin: request.origin.clone(),
        tenant: request.tenant,
        organization: request.organization,
        provider_session: provider_session.cloned(),
        issued_at: now,
        expires_at: now + LIFE,
        guesses: 0,
        answered_at: None,
    };
    tx.challenge_insert(&challenge).await?;
    Ok(Some(
        Denial::right("auth.login.factor_required")
            .because("methods", methods)
            .because("challenge", minted.text.expose_secret())
            .because("expires_at", challenge.expires_at)
            .remedy("Send the challenge with a code of your second factor.", Some("finish_sign_in"))
            .into(),
    ))
}

/// Finishes a sign-in with the answer to its challenge, or stores the failure.
///
/// # Errors
/// Inner: `auth.login.challenge_invalid`, `auth.factor.rejected`, `auth.factor.locked`, `auth.factor.none`,
/// `auth.user.deactivated`, and those of [`crate::login::settle`] about the tenant and the location.
pub async fn finish_sign_in<T>(
    tx: &mut T,
    answer: Answer,
    seal: &impl FactorSeal,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<SignedIn>
where
    T: Users
        + Sessions
        + RefreshTokens
        + Credentials
        + LoginAttempts
        + Memberships
        + Factors
        + RecoveryCodes
        + LoginChallenges
        + Journal,
{
    let hash = TokenHash::of(&answer.challenge);
    let Some(found) = tx.challenge_find(&hash).await? else { return Ok(Err(invalid())) };
    // The user is locked before the challenge is read again: of several answers at once, each sees what the
    // ones before it have done.
    let (Some(user), Some(challenge)) = (tx.user_lock(found.user).await?, tx.challenge_find(&hash).await?)
    else {
        return Ok(Err(invalid()));
    };
    let is_password_changed = user.password_changed_at.is_some_and(|at| at >= challenge.issued_at);
    if !challenge.is_open(&answer.origin, now) || is_password_changed {
        return Ok(Err(invalid()));
    }
    if let Err(denial) = user.check_open() {
        return Ok(Err(denial.into()));
    }
    let used = match check_factor(tx, user.id, &answer.proof, seal, now).await? {
        Ok(used) => used,
        Err(refusal) => {
            if refusal.code() == "auth.factor.rejected" {
                let guesses = challenge.guesses + 1;
                tx.challenge_update(&LoginChallenge { guesses, ..challenge }).await?;
            }
            return Ok(Err(refusal));
        }
    };
    tx.challenge_update(&LoginChallenge { answered_at: Some(now), ..challenge.clone() }).await?;
    let LoginChallenge { tenant, organization, provider_session, .. } = challenge;
    let entry = Entry {
        tenant,
        organization,
        origin: answer.origin,
        provider_session,
        authentication_method: Some("password".to_owned()),
        factor: Some(used),
    };
    enter(tx, user, entry, secrets, now).await
}

fn invalid() -> Refusal {
    unauthenticated(Denial::right("auth.login.challenge_invalid").remedy(
        "The challenge was used, has expired, or is of another device. Start with your password again.",
        Some("sign_in"),
    ))
}

#[cfg(test)]
mod tests;
