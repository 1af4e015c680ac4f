//! Keys for calls between services (AUT-06).
//!
//! A key reads `tzk_3f9a0c1d22b7_<secret>`: the twelve digits are its prefix, which is stored and
//! shown so that people can tell keys apart and the row is found; the whole text is stored as a
//! hash and told once. It is held by a service, not by a person: it is bound to one location, to
//! the permissions that were named, and to an end.
//!
//! A key never does more than whoever issued it may do now. Each time that it is read, what it names is
//! cut down to what its issuer holds at its location; when that is nothing, because the issuer was
//! dismissed, was closed or lost the role, or the location has closed, the key is refused. Dismissing the
//! issuer revokes it for good. What is for persons only ([`tryzore_rbac::Slug::is_for_persons`]) it never does.

use crate::{
    TokenHash,
    error::{Refusal, unauthenticated},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tryzore_kernel::{ApiKeyId, Denial, OrganizationId, RoleId, TenantId, UserId};
use tryzore_rbac::{
    Assignment, Grants, Holdings, OrganizationNode, Pattern, PermissionSet, Scope, manage::role::expand,
};

/// How long a key can be good for: long enough to renew it once a year.
pub const API_KEY_MAX: TimeDelta = TimeDelta::days(400);
/// How many hexadecimal digits a prefix has.
pub const PREFIX_DIGITS: usize = 12;

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Identifies the key.
    pub id: ApiKeyId,
    /// Where it works.
    pub tenant: TenantId,
    /// At which location.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// The digits after `tzk_`, unique.
    pub prefix: String,
    /// The hash of the whole text.
    pub hash: TokenHash,
    /// What it may do.
    pub patterns: Vec<Pattern>,
    /// Who issued it.
    pub issued_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it is of no use any more.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// The prefix in `text`, if that has the shape of a key.
    #[must_use]
    pub fn prefix_of(text: &SecretString) -> Option<&str> {
        let (prefix, secret) = text.expose_secret().strip_prefix("tzk_")?.split_once('_')?;
        let well_formed = prefix.len() == PREFIX_DIGITS
            && prefix.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            && secret.len() == 43;
        well_formed.then_some(prefix)
    }

    /// Whether `text` is this key and can be used at `now`. Why it can't is told only to who has
    /// the right text.
    ///
    /// # Errors
    /// `auth.api_key.rejected`, `auth.api_key.revoked`, `auth.api_key.expired`.
    pub fn check(&self, text: &SecretString, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.hash != TokenHash::of(text) {
            return Err(rejected());
        }
        if let Some(at) = self.revoked_at {
            return Err(unauthenticated(
                Denial::right("auth.api_key.revoked")
                    .because("api_key.prefix", &self.prefix)
                    .because("api_key.revoked_at", at)
                    .remedy("Issue a new key.", Some("issue_api_key")),
            ));
        }
        if now >= self.expires_at {
            return Err(unauthenticated(
                Denial::right("auth.api_key.expired")
                    .because("api_key.prefix", &self.prefix)
                    .because("api_key.expires_at", self.expires_at)
                    .remedy("Issue a new key.", Some("issue_api_key")),
            ));
        }
        Ok(())
    }

    /// What calls with this key may do: what its patterns name and `issuer`, which is what the one who
    /// issued it holds now, still holds at its location.
    ///
    /// # Errors
    /// `auth.api_key.issuer_gone` when that is nothing.
    pub fn grants(&self, issuer: &Holdings) -> Result<Arc<Grants>, Refusal> {
        let at = self.organization;
        let is_open = issuer.tree.iter().any(|place| place.organization == at);
        let held = if is_open { issuer.permitted_at(at) } else { PermissionSet::EMPTY };
        let permitted = expand(&self.patterns).intersection(held);
        if permitted == PermissionSet::EMPTY {
            return Err(self.issuer_gone());
        }
        let holdings = Holdings {
            tree: vec![OrganizationNode { organization: at, parent: None }],
            assignments: vec![Assignment {
                // No role of the tenant: the key itself, so that explanations name it.
                role: RoleId::from(self.id.uuid()),
                name: format!("API key {}", self.name).into(),
                patterns: permitted.iter().map(Pattern::of).collect(),
                scope: Scope::Organization(at),
            }],
            ..Holdings::default()
        };
        Ok(Grants::compile_for_key(self.id, self.issued_by, self.tenant, at, &holdings))
    }

    /// The refusal of a key whose issuer holds nothing of it any more.
    pub(crate) fn issuer_gone(&self) -> Refusal {
        unauthenticated(
            Denial::right("auth.api_key.issuer_gone").because("api_key.prefix", &self.prefix).remedy(
                "Whoever issued this key holds none of its permissions at its location any more. Have someone \
                 who does issue a new one.",
                Some("issue_api_key"),
            ),
        )
    }

    /// The same key, revoked.
    #[must_use]
    pub fn revoke(mut self, now: DateTime<Utc>) -> Self {
        self.revoked_at.get_or_insert(now);
        self
    }
}

pub(crate) fn rejected() -> Refusal {
    unauthenticated(
        Denial::right("auth.api_key.rejected")
            .remedy("Check that the key was copied whole, or issue a new one.", Some("issue_api_key")),
    )
}

#[cfg(test)]
mod tests;
