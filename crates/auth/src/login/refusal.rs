//! The refusals of sign-ins.

use crate::{
    IdentityError, Pending, Refusal, Step, Throttle,
    error::{seconds_up, unauthenticated},
    throttle::{FAILURES, Locked, NETWORK_ACCOUNTS, NETWORK_WINDOW, WINDOW},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::Denial;

pub(crate) fn rejected(throttle: Throttle) -> Refusal {
    unauthenticated(
        Denial::right("auth.login.rejected")
            .because("attempts.left", throttle.attempts_left())
            .remedy("Check address and password, or choose a new password.", Some("request_password_reset")),
    )
}

pub(crate) fn code_rejected(throttle: Throttle, remedy: &'static str, action: &'static str) -> Refusal {
    unauthenticated(
        Denial::right("auth.login.code_rejected")
            .because("attempts.left", throttle.attempts_left())
            .remedy(remedy, Some(action)),
    )
}

/// The provider needs more, and the person can send it, with the text of `offer`.
pub(crate) fn more_needed(pending: &Pending, offer: Option<(SecretString, DateTime<Utc>)>) -> Refusal {
    let Some((token, expires_at)) = offer else { return on_page(pending.step.as_str()) };
    let denial = Denial::state("auth.login.more_needed")
        .because("needed", pending.step.as_str())
        .because("pending_token", token.expose_secret())
        .because("expires_at", expires_at);
    let denial = match &pending.step {
        Step::OrganizationSelection { choices } => denial.because("provider_organizations", choices),
        Step::EmailVerification | Step::Totp { .. } => denial,
    };
    denial.remedy("Send the pending token with what is needed.", Some("continue_workos_sign_in")).into()
}

/// The provider needs `what`, and only its own page can ask for it.
pub(crate) fn on_page(what: &str) -> Refusal {
    Denial::state("auth.login.more_needed")
        .because("needed", what)
        .remedy("Use the sign-in page, which asks for the missing information.", Some("start_workos_sign_in"))
        .into()
}

pub(crate) fn email_unverified() -> Refusal {
    Denial::right("auth.login.email_unverified")
        .because("email.verified", false)
        .remedy(
            "Follow the link in the mail that we sent; sign up again to get a new one.",
            Some("register_user"),
        )
        .into()
}

/// The refusal after a call to the provider that is no attempt to sign in.
#[must_use]
pub fn provider_refusal(error: IdentityError) -> Refusal {
    match error {
        IdentityError::Throttled { retry_after } => provider_throttled(retry_after),
        other => Refusal::Unavailable(other.to_string()),
    }
}

pub(crate) fn provider_throttled(retry_after: TimeDelta) -> Refusal {
    let denial = Denial::state("auth.provider.throttled")
        .because("retry_after.seconds", seconds_up(retry_after))
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

/// Too many accounts failed from the network of the caller.
pub(super) fn network_locked(lock: Locked, now: DateTime<Utc>) -> Refusal {
    let denial = Denial::state("auth.login.network_locked")
        .because("accounts.limit", NETWORK_ACCOUNTS)
        .because("attempts.window_minutes", NETWORK_WINDOW.num_minutes())
        .because("locked_until", lock.until)
        .remedy("Wait, or sign in from another network, such as that of your phone.", None);
    Refusal::Throttled { denial: Box::new(denial), retry_after: lock.until - now }
}
