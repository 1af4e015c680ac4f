//! Translates the errors of WorkOS to ours. The codes are those of its OpenAPI description for
//! `/user_management/authenticate` and `/user_management/users`, and of its page on
//! authentication errors.

use chrono::TimeDelta;
use tryzore_auth::IdentityError;
use workos::{ApiError, Error};

/// How long to wait if WorkOS limits our requests without a `Retry-After`.
const LIMITED: TimeDelta = TimeDelta::seconds(60);

/// Translates an error of signing in.
pub(crate) fn of_sign_in(error: Error) -> IdentityError {
    let Error::Api(api) = &error else { return of_any(error) };
    let more = |what: &str| IdentityError::MoreNeeded(what.to_owned());
    match api.code.as_deref().unwrap_or_default() {
        // An unknown user and a user without a password get the same answer as a wrong password.
        "invalid_credentials" | "entity_not_found" | "user_not_found" | "email_password_auth_disabled"
        // A code that is not valid, or the refresh token of a session that has ended.
        | "invalid_grant" | "invalid_code" | "expired_code" | "expired_token" | "code_challenge_not_found"
        | "invalid_code_verifier" | "access_denied"
        // A code that WorkOS has mailed or that an authenticator app shows, and what it continues.
        | "invalid_one_time_code" | "one_time_code_expired" | "one_time_code_previously_used" | "expired_challenge"
        | "authentication_challenge_expired" | "authentication_challenge_previously_verified"
        | "email_verification_code_incorrect" | "email_verification_code_expired"
        | "magic_auth_code_incorrect" | "magic_auth_code_expired"
        | "invalid_pending_authentication_token" | "pending_authentication_token_expired" => IdentityError::Rejected,
        "email_verification_required" => IdentityError::EmailUnverified,
        "mfa_enrollment" | "mfa_challenge" => more("mfa"),
        "organization_selection_required" => more("organization_selection"),
        "sso_required" | "organization_authentication_methods_required" | "authentication_method_not_allowed" => {
            more("sso")
        }
        code @ ("radar_challenge" | "radar_sign_up_challenge" | "passkey_progressive_enrollment"
        | "application_consent_required" | "extra_attributes_required" | "password_reset_required") => more(code),
        _ => of_any(error),
    }
}

/// Translates an error of setting a password.
pub(crate) fn of_enrolment(error: Error) -> IdentityError {
    match &error {
        Error::Api(api) if api.code.as_deref() == Some("password_strength_error") => {
            IdentityError::WeakPassword(explained(api))
        }
        _ => of_any(error),
    }
}

/// Whether a user was not created because another one has the address.
pub(crate) fn is_email_taken(error: &Error) -> bool {
    let taken =
        |code: &str| matches!(code, "user_creation_error" | "email_not_available" | "user_already_exists");
    error.code().is_some_and(taken)
}

/// Translates any other error: WorkOS is unavailable, limits our requests, or refuses them as wrong.
pub(crate) fn of_any(error: Error) -> IdentityError {
    match error {
        Error::Api(api) if api.status == 429 => {
            let given = api.retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
            IdentityError::Throttled { retry_after: given.unwrap_or(LIMITED) }
        }
        Error::Api(api) if api.status >= 500 => {
            IdentityError::Unavailable(format!("WorkOS answers {}{}", api.status, request(&api)))
        }
        Error::Api(api) => {
            let code = api.code.as_deref().unwrap_or("no code");
            IdentityError::Broken(format!("WorkOS answers {} ({code}){}", api.status, request(&api)))
        }
        Error::Network(error) => IdentityError::Unavailable(format!("WorkOS: {error}")),
        // Only the position is reported and not the text, because the answer contains tokens.
        Error::Decode(error) => IdentityError::Broken(format!(
            "an answer of WorkOS cannot be read, at line {} column {}",
            error.line(),
            error.column()
        )),
        other => IdentityError::Broken(format!("WorkOS: {other}")),
    }
}

fn request(api: &ApiError) -> String {
    api.request_id.as_deref().map(|id| format!(", request {id}")).unwrap_or_default()
}

/// The broken rules of a password: `{"message": .., "errors": [{"code": .., "message": ..}]}`.
fn explained(api: &ApiError) -> String {
    let body: serde_json::Value = serde_json::from_slice(&api.raw_body).unwrap_or_default();
    let errors = body["errors"].as_array().into_iter().flatten();
    let rules: Vec<&str> = errors.filter_map(|error| error["message"].as_str()).collect();
    if rules.is_empty() { api.message.clone() } else { rules.join(" ") }
}
