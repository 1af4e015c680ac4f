//! Reads what WorkOS needs after right credentials, from the body of its refusal.

use serde::Deserialize;
use tryzore_auth::{Pending, ProviderOrganization, Step};
use workos::Error;

/// What WorkOS needs, and for a second factor the factor that is to be challenged first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// Something that the person can send now.
    Now(Pending),
    /// The code of an authenticator app, for which a challenge has to be made.
    Factor {
        /// The id of the factor.
        factor: String,
        /// What is needed, without the challenge.
        pending: Pending,
    },
}

#[derive(Deserialize)]
struct Body {
    pending_authentication_token: Option<String>,
    email: Option<String>,
    user: Option<UserBody>,
    #[serde(default)]
    authentication_factors: Vec<FactorBody>,
    #[serde(default)]
    organizations: Vec<OrganizationBody>,
}

#[derive(Deserialize)]
struct UserBody {
    email: Option<String>,
}

#[derive(Deserialize)]
struct FactorBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct OrganizationBody {
    id: String,
    name: String,
}

/// What WorkOS needs, if `error` says that it needs something that the person can send.
pub(crate) fn read(error: &Error) -> Option<Needed> {
    let Error::Api(api) = error else { return None };
    let code = api.code.as_deref()?;
    let body: Body = serde_json::from_slice(&api.raw_body).ok()?;
    let email = body.user.and_then(|user| user.email).or(body.email);
    let token = body.pending_authentication_token.filter(|token| !token.is_empty())?;
    let pending = |step| Pending { step, token, email: email.and_then(|email| email.parse().ok()) };
    match code {
        "email_verification_required" => Some(Needed::Now(pending(Step::EmailVerification))),
        "organization_selection_required" if !body.organizations.is_empty() => {
            let choice = |it: OrganizationBody| ProviderOrganization { id: it.id, name: it.name };
            let choices = body.organizations.into_iter().map(choice).collect();
            Some(Needed::Now(pending(Step::OrganizationSelection { choices })))
        }
        "mfa_challenge" => {
            let factor = body.authentication_factors.into_iter().find(|factor| factor.kind == "totp")?.id;
            Some(Needed::Factor { factor, pending: pending(Step::Totp { challenge: String::new() }) })
        }
        _ => None,
    }
}
