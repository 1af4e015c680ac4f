//! Signing in: `admit`, then the provider, then `settle`.
//!
//! `admit` counts the attempt before it is made and reads the stored hash for the address;
//! [`Attempt::authenticate`] calls the provider outside of any transaction; `settle` turns the proven
//! identity into a user, a session and tokens, or stores the failure.
//!
//! Until the provider accepts the credentials, answer and work are the same whether or not the address is
//! known: one statement reads the stored hash, a hash is computed in either case, one event is published.

use crate::{
    Claims, Credentials, Factors, Identity, IdentityError, IdentityProvider, LoginAttempts, LoginChallenges,
    Membership, Memberships, Origin, PasswordHash, RecoveryCodes, RefreshTokens, Refusal, Secrets, Session,
    Sessions, Settled, SignInMethod, Throttle, ThrottleKey, User, UserStatus, Users,
    domain_event::{OfUser, SignInFailed, UserClaimed},
    enter::{Entry, enter},
    error::unauthenticated,
    finish_sign_in, identity,
    throttle::{FAILURES, Locked, WINDOW},
    user::EmailProof,
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Denial, Journal, OrganizationId, StoreError, StoreResult, TenantId};
use tryzore_rbac::DomainEvent;

/// A request to sign in.
#[derive(Debug, Clone)]
pub struct LoginRequest {
    /// How the person signs in.
    pub method: SignInMethod,
    /// The origin of the request.
    pub origin: Origin,
    /// The tenant to sign in to; the last used one by default.
    pub tenant: Option<TenantId>,
    /// The location to sign in to; the last used one by default.
    pub organization: Option<OrganizationId>,
}

/// An attempt that was counted and may now be made.
#[derive(Debug)]
#[must_use = "an attempt that is not made still counts"]
pub struct Attempt {
    request: LoginRequest,
    key: Option<ThrottleKey>,
    kept: Option<PasswordHash>,
    began: DateTime<Utc>,
}

/// An attempt, and the answer of the provider.
#[derive(Debug)]
#[must_use = "what the provider said must be settled"]
pub struct Tried {
    request: LoginRequest,
    key: Option<ThrottleKey>,
    began: DateTime<Utc>,
    said: Result<Identity, IdentityError>,
}

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

/// Counts an attempt and reads the stored hash for the address.
///
/// # Errors
/// Inner: `auth.login.locked`, with the time to wait.
pub async fn admit<T: LoginAttempts + Credentials>(
    tx: &mut T,
    request: LoginRequest,
    now: DateTime<Utc>,
) -> Settled<Attempt> {
    // A code from the provider's page cannot be guessed, and names no account whose attempts could be
    // counted.
    let SignInMethod::Password { email, password } = &request.method else {
        return Ok(Ok(Attempt { request, key: None, kept: None, began: now }));
    };
    if !identity::is_plausible(password) {
        let detail = format!("1 to {} characters", identity::PASSWORD_MAX).into();
        return Ok(Err(Refusal::Invalid { pointer: "/password", detail }));
    }
    let key = ThrottleKey::login(email, request.origin.ip);
    match tx.throttle_lock(&key).await?.attempt(now) {
        Ok(counted) => tx.throttle_save(&key, &counted).await?,
        Err(lock) => {
            let denial = Denial::state("auth.login.locked")
                .remedy("Wait, or choose a new password.", Some("request_password_reset"));
            return Ok(Err(locked(denial, lock, now)));
        }
    }
    let kept = tx.credential_find(email).await?;
    Ok(Ok(Attempt { key: Some(key), kept, request, began: now }))
}

impl Attempt {
    /// Calls the provider. This is slow: do not call it inside a transaction.
    pub async fn authenticate(self, provider: &impl IdentityProvider) -> Tried {
        let Self { request, key, kept, began } = self;
        let said = provider.identity_authenticate(&request.method, kept.as_ref(), &request.origin).await;
        Tried { request, key, began, said }
    }
}

/// Turns the answer of the provider into a session, or stores the failure.
///
/// # Errors
/// Inner: `auth.login.rejected`, `auth.login.code_rejected`, `auth.login.email_unverified`,
/// `auth.login.more_needed`, `auth.login.impersonated`, `auth.login.other_identity`,
/// `auth.login.unsupported`, `auth.provider.throttled`,
/// `tenants.suspended`, `auth.login.no_membership`, `auth.login.not_a_member`, `auth.user.deactivated`,
/// `auth.switch_organization.not_available`, `auth.login.factor_required`, or that the provider is unavailable.
pub async fn settle<T>(
    tx: &mut T,
    tried: Tried,
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
    let Tried { request, key, began, said } = tried;
    let identity = match said {
        Ok(identity) => identity,
        Err(error) => return fail(tx, &request, key, error, now).await.map(Err),
    };
    if let Some(key) = key {
        tx.throttle_save(&key, &Throttle::default()).await?;
    }
    let user = match recognize(tx, &identity, now).await? {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // The row is locked: a password that is chosen at the same time is either seen here, or ends the
    // session that is created here.
    if user.password_changed_at.is_some_and(|changed| changed >= began) {
        return Ok(Err(rejected(Throttle::default())));
    }
    if let Some(hash) = &identity.rehashed {
        tx.credential_save(user.id, hash, now).await?;
    }
    // The provider's page asks for a factor itself.
    if let SignInMethod::Password { .. } = request.method {
        let provider_session = identity.provider_session.as_ref();
        let challenge = finish_sign_in::challenge(tx, &user, &request, provider_session, secrets, now);
        if let Some(refusal) = challenge.await? {
            return Ok(Err(refusal));
        }
    }
    let LoginRequest { origin, tenant, organization, .. } = request;
    let Identity { provider_session, authentication_method, .. } = identity;
    let entry = Entry { tenant, organization, origin, provider_session, authentication_method, factor: None };
    enter(tx, user, entry, secrets, now).await
}

/// The user with the identity `identity`: the one that is linked to it; else the one with the address that
/// the provider has verified, which is linked and claimed now; else a new one.
async fn recognize<T: Users + Journal>(
    tx: &mut T,
    identity: &Identity,
    now: DateTime<Utc>,
) -> StoreResult<Result<User, Refusal>> {
    if let Some(subject) = &identity.subject
        && let Some(user) = tx.user_lock_by_subject(subject).await?
    {
        let open = user.check_open().map_err(Refusal::from);
        // A user that was claimed already and whose address the provider has not verified stays unchanged.
        return Ok(open.map(|()| user));
    }
    if !identity.email_verified {
        return Ok(Err(email_unverified()));
    }
    let Some(user) = tx.user_lock_by_email(&identity.email).await? else {
        return sign_up(tx, identity, now).await;
    };
    if user.workos_user_id.is_some() && identity.subject.is_some() {
        return Ok(Err(Denial::right("auth.login.other_identity")
            .because("user.linked", true)
            .remedy("The address belongs to another login. Sign in as before, or write to support.", None)
            .into()));
    }
    let claimed = user.claim(&EmailProof::new(identity.email.clone()), now);
    let (mut user, claimed) = match claimed {
        Ok(claimed) => claimed,
        Err(denial) => return Ok(Err(denial.into())),
    };
    if identity.subject.is_some() {
        user.workos_user_id.clone_from(&identity.subject);
        user.provider_updated_at = Some(now);
    }
    tx.user_update(&user).await?;
    if claimed {
        tx.event_publish(UserClaimed(OfUser { user: user.id }).published(now));
    }
    Ok(Ok(user))
}

/// Creates a user for a person who signed up at the provider.
async fn sign_up<T: Users>(
    tx: &mut T,
    identity: &Identity,
    now: DateTime<Utc>,
) -> StoreResult<Result<User, Refusal>> {
    let name = identity.name.clone().unwrap_or_else(|| identity.email.to_string());
    let user = User {
        email_verified_at: Some(now),
        status: UserStatus::Active,
        workos_user_id: identity.subject.clone(),
        provider_updated_at: identity.subject.is_some().then_some(now),
        ..User::new(identity.email.clone(), name, None, now)
    };
    if tx.user_insert(&user).await? {
        Ok(Ok(user))
    } else {
        // A concurrent sign-up used the same address; the whole use case can be repeated.
        Err(StoreError::Conflict("users_email".into()))
    }
}

async fn fail<T: Users + LoginAttempts + Journal>(
    tx: &mut T,
    request: &LoginRequest,
    key: Option<ThrottleKey>,
    error: IdentityError,
    now: DateTime<Utc>,
) -> StoreResult<Refusal> {
    let mut throttle = match &key {
        Some(key) => tx.throttle_lock(key).await?,
        None => Throttle::default(),
    };
    let was_guess = matches!(error, IdentityError::Rejected);
    if was_guess {
        let user = match &request.method {
            SignInMethod::Password { email, .. } => tx.user_find_by_email(email).await?.map(|user| user.id),
            SignInMethod::Code { .. } => None,
        };
        let failed = SignInFailed { user, locked: throttle.locked_until.is_some() };
        tx.event_publish(failed.published(now));
    } else if let Some(key) = &key {
        throttle = throttle.take_back();
        tx.throttle_save(key, &throttle).await?;
    }
    Ok(match (error, &request.method) {
        (IdentityError::Rejected, SignInMethod::Password { .. }) => rejected(throttle),
        (IdentityError::Rejected, SignInMethod::Code { .. }) => unauthenticated(
            Denial::right("auth.login.code_rejected")
                .remedy("The sign-in took too long or was used before. Start again.", Some("sign_in")),
        ),
        (IdentityError::EmailUnverified, _) => email_unverified(),
        (IdentityError::MoreNeeded(what), _) => Denial::state("auth.login.more_needed")
            .because("needed", what)
            .remedy(
                "Use the sign-in page, which asks for the missing information.",
                Some("start_workos_sign_in"),
            )
            .into(),
        (IdentityError::Impersonated, _) => Denial::right("auth.login.impersonated")
            .because("impersonated_by", "identity provider")
            .remedy("Impersonate users only inside the product, where it is recorded.", None)
            .into(),
        (IdentityError::Unsupported, _) => Denial::state("auth.login.unsupported")
            .because("method", matches!(request.method, SignInMethod::Code { .. }).then_some("code"))
            .remedy("Sign in with e-mail address and password.", Some("sign_in"))
            .into(),
        (IdentityError::Throttled { retry_after }, _) => provider_throttled(retry_after),
        (IdentityError::WeakPassword(detail), _) => {
            Refusal::Invalid { pointer: "/password", detail: detail.into() }
        }
        (IdentityError::Unavailable(why) | IdentityError::Broken(why), _) => Refusal::Unavailable(why),
    })
}

fn rejected(throttle: Throttle) -> Refusal {
    unauthenticated(
        Denial::right("auth.login.rejected")
            .because("attempts.left", throttle.attempts_left())
            .remedy("Check address and password, or choose a new password.", Some("request_password_reset")),
    )
}

fn email_unverified() -> Refusal {
    Denial::right("auth.login.email_unverified")
        .because("email.verified", false)
        .remedy(
            "Follow the link in the mail that we sent; sign up again to get a new one.",
            Some("register_user"),
        )
        .into()
}

pub(crate) fn provider_throttled(retry_after: TimeDelta) -> Refusal {
    let denial = Denial::state("auth.provider.throttled")
        .because("retry_after.seconds", crate::error::seconds_up(retry_after))
        .remedy("Wait a moment and try again.", None);
    Refusal::Throttled { denial: Box::new(denial), retry_after }
}

/// Attempts are refused for now, with `denial`.
pub(crate) fn locked(denial: Denial, lock: Locked, now: DateTime<Utc>) -> Refusal {
    let retry_after = lock.until - now;
    let denial = denial
        .because("attempts.limit", FAILURES)
        .because("attempts.window_minutes", WINDOW.num_minutes())
        .because("locked_until", lock.until);
    Refusal::Throttled { denial: Box::new(denial), retry_after }
}

#[cfg(test)]
mod tests;
