//! Signing in: `admit`, then the provider, then `settle`.
//!
//! `admit` counts the attempt before it is made and reads the stored hash for the address;
//! [`Attempt::authenticate`] calls the provider outside of any transaction; `settle` turns the proven
//! identity into a user, a session and tokens, or stores the failure.
//!
//! Until the provider accepts the credentials, answer and work are the same whether or not the address is
//! known: one statement reads the stored hash, a hash is computed in either case, one event is published.

use crate::{
    AuthEvent, AuthEventKind, AuthEvents, Credentials, Factors, Identity, IdentityError, IdentityProvider,
    LoginAttempts, LoginChallenges, Memberships, Origin, PasswordHash, Pending, PendingSeal, RecoveryCodes,
    RefreshTokens, Refusal, Secrets, Sessions, Settled, SignInMethod, SsoLinks, Step, Throttle, ThrottleKey,
    User, UserStatus, Users,
    domain_event::{OfUser, SignInFailed, UserClaimed},
    enter::{Entry, enter},
    error::unauthenticated,
    finish_sign_in, identity,
    pending_sign_in::{self, PendingSignIn, check_code},
    user::EmailProof,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Denial, Email, Journal, OrganizationId, StoreError, StoreResult, TenantId};
use tryzore_rbac::DomainEvent;

pub use outcome::{SignedIn, Tokens};
pub use refusal::provider_refusal;
use refusal::{code_rejected, email_unverified, more_needed, network_locked, on_page, rejected};
pub(crate) use refusal::{locked, provider_throttled};

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
    key: Option<Counted>,
    kept: Option<PasswordHash>,
    began: DateTime<Utc>,
}

/// An attempt, and the answer of the provider.
#[derive(Debug)]
#[must_use = "what the provider said must be settled"]
pub struct Tried {
    request: LoginRequest,
    key: Option<Counted>,
    began: DateTime<Utc>,
    said: Result<Identity, IdentityError>,
    offer: Option<(SecretString, DateTime<Utc>)>,
}

/// Where an attempt was counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    key: ThrottleKey,
    /// Which attempt it is since the account last succeeded from there, in its window.
    nth: u32,
}

/// Counts an attempt and reads the stored hash for the address.
///
/// # Errors
/// Inner: `auth.login.locked` or `auth.login.network_locked`, with the time to wait.
pub async fn admit<T: LoginAttempts + Credentials>(
    tx: &mut T,
    request: LoginRequest,
    now: DateTime<Utc>,
) -> Settled<Attempt> {
    let ip = request.origin.ip;
    let (key, remedy, began) = match &request.method {
        // A code from the provider's page cannot be guessed, and names no account whose attempts could be
        // counted.
        SignInMethod::Code { .. } => return Ok(Ok(Attempt { request, key: None, kept: None, began: now })),
        SignInMethod::Password { email, password } => {
            if !identity::is_plausible(password) {
                let detail = format!("1 to {} characters", identity::PASSWORD_MAX).into();
                return Ok(Err(Refusal::Invalid { pointer: "/password", detail }));
            }
            let remedy = ("Wait, or choose a new password.", Some("request_password_reset"));
            (ThrottleKey::login(email, ip), remedy, now)
        }
        SignInMethod::MailedCode { email, code } => {
            if let Err(refusal) = check_code(code) {
                return Ok(Err(refusal));
            }
            (
                ThrottleKey::login(email, ip),
                ("Wait, then have a new code mailed.", Some("send_workos_code")),
                now,
            )
        }
        // Counted for the person, so that beginning anew gives no more guesses.
        SignInMethod::Continuation(it) => {
            let whom = it.pending.email.as_ref().map_or(it.pending.token.as_str(), Email::as_str);
            (ThrottleKey::continuation(whom, ip), ("Wait, then sign in again.", Some("sign_in")), it.began)
        }
    };
    if let Some(network) = ThrottleKey::network(ip)
        && let Err(lock) = tx.throttle_find(&network).await?.check_open(now)
    {
        return Ok(Err(network_locked(lock, now)));
    }
    let nth = match tx.throttle_lock(&key).await?.attempt(now) {
        Ok(counted) => {
            tx.throttle_save(&key, &counted).await?;
            counted.failures
        }
        Err(lock) => {
            let denial = Denial::state("auth.login.locked").remedy(remedy.0, remedy.1);
            return Ok(Err(locked(denial, lock, now)));
        }
    };
    let kept = match &request.method {
        SignInMethod::Password { email, .. } => tx.credential_find(email).await?,
        _ => None,
    };
    Ok(Ok(Attempt { key: Some(Counted { key, nth }), kept, request, began }))
}

impl Attempt {
    /// Calls the provider. This is slow: do not call it inside a transaction.
    pub async fn authenticate(self, provider: &impl IdentityProvider) -> Tried {
        let Self { request, key, kept, began } = self;
        let said = provider.identity_authenticate(&request.method, kept.as_ref(), &request.origin).await;
        Tried { request, key, began, said, offer: None }
    }
}

impl Tried {
    /// Prepares the sign-in to be continued, if the provider needs more.
    ///
    /// # Errors
    /// Those of [`PendingSeal::pending_seal`].
    pub fn offer(self, seal: &impl PendingSeal, now: DateTime<Utc>) -> StoreResult<Self> {
        let Err(IdentityError::Pending(pending)) = &self.said else { return Ok(self) };
        let expires_at = now + pending_sign_in::LIFE;
        let sign_in = PendingSignIn {
            pending: Pending::clone(pending),
            device: self.request.origin.device.id.clone(),
            tenant: self.request.tenant,
            organization: self.request.organization,
            began: self.began,
            expires_at,
        };
        Ok(Self { offer: Some((sign_in.seal(seal)?, expires_at)), ..self })
    }
}

/// Turns the answer of the provider into a session, or stores the failure.
///
/// # Errors
/// Inner: `auth.login.rejected`, `auth.login.code_rejected`, `auth.login.email_unverified`,
/// `auth.login.more_needed`, `auth.login.impersonated`, `auth.login.other_identity`,
/// `auth.login.unsupported`, `auth.login.sso_required`, `auth.provider.throttled`,
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
        + SsoLinks
        + Journal,
{
    let Tried { request, key, began, said, offer } = tried;
    let identity = match said {
        Ok(identity) => identity,
        Err(IdentityError::Pending(pending)) => {
            if let Some(Counted { key, .. }) = &key {
                let throttle = tx.throttle_lock(key).await?.take_back();
                tx.throttle_save(key, &throttle).await?;
            }
            return Ok(Err(more_needed(&pending, offer)));
        }
        Err(error) => return fail(tx, &request, key, error, now).await.map(Err),
    };
    if let Some(Counted { key, nth }) = key {
        tx.throttle_save(&key, &Throttle::default()).await?;
        if nth > 1
            && let Some(network) = ThrottleKey::network(request.origin.ip)
        {
            let throttle = tx.throttle_lock(&network).await?.account_succeeded(now);
            tx.throttle_save(&network, &throttle).await?;
        }
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
    let is_factor_given = match &request.method {
        SignInMethod::Password { .. } | SignInMethod::MailedCode { .. } => false,
        SignInMethod::Code { .. } => true,
        SignInMethod::Continuation(it) => matches!(it.pending.step, Step::Totp { .. }),
    };
    if !is_factor_given {
        let provider_session = identity.provider_session.as_ref();
        let challenge = finish_sign_in::challenge(tx, &user, &request, provider_session, secrets, now);
        if let Some(refusal) = challenge.await? {
            return Ok(Err(refusal));
        }
    }
    let LoginRequest { origin, tenant, organization, .. } = request;
    let Identity { provider_session, authentication_method, provider_organization, .. } = identity;
    let entry = Entry {
        tenant,
        organization,
        origin,
        provider_session,
        authentication_method,
        provider_organization,
        factor: None,
    };
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

async fn fail<T: Users + LoginAttempts + AuthEvents + Journal>(
    tx: &mut T,
    request: &LoginRequest,
    key: Option<Counted>,
    error: IdentityError,
    now: DateTime<Utc>,
) -> StoreResult<Refusal> {
    let mut throttle = match &key {
        Some(counted) => tx.throttle_lock(&counted.key).await?,
        None => Throttle::default(),
    };
    let was_guess = matches!(error, IdentityError::Rejected);
    if was_guess {
        let user = match &request.method {
            SignInMethod::Password { email, .. } | SignInMethod::MailedCode { email, .. } => Some(email),
            SignInMethod::Continuation(it) => it.pending.email.as_ref(),
            SignInMethod::Code { .. } => None,
        };
        let user = match user {
            Some(email) => tx.user_find_by_email(email).await?.map(|user| user.id),
            None => None,
        };
        let failed = SignInFailed { user, locked: throttle.locked_until.is_some() };
        tx.event_publish(failed.published(now));
        // Written for nobody if there is no user: the work is the same.
        tx.auth_event_append(AuthEvent::new(AuthEventKind::SignInFailed, user, now)).await?;
        if let (Some(Counted { nth: 1, .. }), Some(network)) = (key, ThrottleKey::network(request.origin.ip))
        {
            let counted = tx.throttle_lock(&network).await?.account_failed(now);
            tx.throttle_save(&network, &counted).await?;
        }
    } else if let Some(counted) = &key {
        throttle = throttle.take_back();
        tx.throttle_save(&counted.key, &throttle).await?;
    }
    Ok(match (error, &request.method) {
        (IdentityError::Rejected, SignInMethod::Password { .. }) => rejected(throttle),
        (IdentityError::Rejected, SignInMethod::Code { .. }) => unauthenticated(
            Denial::right("auth.login.code_rejected")
                .remedy("The sign-in took too long or was used before. Start again.", Some("sign_in")),
        ),
        (IdentityError::Rejected, SignInMethod::MailedCode { .. }) => {
            let remedy = "Check the code, or have a new one mailed.";
            code_rejected(throttle, remedy, "send_workos_code")
        }
        (IdentityError::Rejected, SignInMethod::Continuation(_)) => {
            code_rejected(throttle, "Check the code, or sign in again.", "sign_in")
        }
        (IdentityError::EmailUnverified, _) => email_unverified(),
        (IdentityError::MoreNeeded(what), _) => on_page(&what),
        (IdentityError::Pending(pending), _) => on_page(pending.step.as_str()),
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

mod outcome;
mod refusal;
#[cfg(test)]
mod tests;
