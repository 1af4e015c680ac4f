//! API keys for calls between services (AUT-06).
//!
//! A key has the form `tzk_3f9a0c1d22b7_<secret>`. The twelve digits are the prefix: it is stored and shown
//! so that people can tell keys apart, and it finds the row. The whole text is stored as a hash and shown
//! only once. A key belongs to a service, not to a person: it is limited to one location, to the
//! permissions that were named, and to a period.
//!
//! A key never allows more than its issuer may do now. On each use, the permissions of the key are reduced
//! to those that its issuer has at the location of the key. If none remain, because the issuer was
//! dismissed, was deactivated or lost the role, or because the location was closed, the key is refused.
//! Dismissing the issuer revokes the key permanently. A key never has permissions that are for persons only
//! ([`tryzore_rbac::Slug::is_for_persons`]).
//!
//! A key can be rotated (AUT-19): it gets a new text, and its former text works for a while longer, so that the
//! service that uses it can be changed over without an interruption. At most two texts of a key work at a time.

use crate::{
    TokenHash,
    error::{Refusal, unauthenticated},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::{num::NonZeroU32, ops::RangeInclusive, sync::Arc};
use tryzore_kernel::{ApiKeyId, Denial, OrganizationId, RoleId, TenantId, UserId};
use tryzore_rbac::{
    Assignment, Grants, Holdings, OrganizationNode, Pattern, PermissionSet, Scope, manage::role::expand,
};

/// The longest validity of a key: long enough to renew it once a year.
pub const API_KEY_MAX: TimeDelta = TimeDelta::days(400);
/// The number of hexadecimal digits of a prefix.
pub const PREFIX_DIGITS: usize = 12;
/// The limits that a key can have of its own, in requests per minute.
pub const REQUESTS_PER_MINUTE: RangeInclusive<u32> = 1..=6000;

/// The text that a key had before it was rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerText {
    /// The digits after `tzk_`, unique.
    pub prefix: String,
    /// The hash of the whole text.
    pub hash: TokenHash,
    /// When the text stops working.
    pub expires_at: DateTime<Utc>,
    /// When the text was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// One of the texts of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichText {
    /// The newest text.
    Current,
    /// The text before the last rotation.
    Former,
}

/// A text that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedText {
    /// Which text of the key it is.
    pub which: WhichText,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Identifies the key.
    pub id: ApiKeyId,
    /// The tenant that the key belongs to.
    pub tenant: TenantId,
    /// The location that the key works at.
    pub organization: OrganizationId,
    /// The name of the key.
    pub name: String,
    /// The digits after `tzk_`, unique.
    pub prefix: String,
    /// The hash of the whole text.
    pub hash: TokenHash,
    /// The permissions of the key.
    pub patterns: Vec<Pattern>,
    /// The user who issued the key.
    pub issued_by: UserId,
    /// When the key was issued.
    pub created_at: DateTime<Utc>,
    /// When the key expires.
    pub expires_at: DateTime<Utc>,
    /// When the newest text of the key was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the key was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The text before the last rotation.
    pub former: Option<FormerText>,
    /// The limit of the key's own, within [`REQUESTS_PER_MINUTE`].
    pub requests_per_minute: Option<NonZeroU32>,
}

impl ApiKey {
    /// The prefix in `text`, if the text has the form of a key.
    #[must_use]
    pub fn prefix_of(text: &SecretString) -> Option<&str> {
        let (prefix, secret) = text.expose_secret().strip_prefix("tzk_")?.split_once('_')?;
        let well_formed = prefix.len() == PREFIX_DIGITS
            && prefix.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            && secret.len() == 43;
        well_formed.then_some(prefix)
    }

    /// Checks that `text` is a text of this key and that it can be used at `now`. Only a caller with the right
    /// text learns why it cannot be used.
    ///
    /// # Errors
    /// `auth.api_key.rejected`, `auth.api_key.revoked`, `auth.api_key.expired`.
    pub fn check(&self, text: &SecretString, now: DateTime<Utc>) -> Result<CheckedText, Refusal> {
        let hash = TokenHash::of(text);
        let checked = match &self.former {
            _ if self.hash == hash => CheckedText {
                which: WhichText::Current,
                expires_at: self.expires_at,
                last_used_at: self.last_used_at,
            },
            Some(former) if former.hash == hash => CheckedText {
                which: WhichText::Former,
                expires_at: former.expires_at.min(self.expires_at),
                last_used_at: former.last_used_at,
            },
            _ => return Err(rejected()),
        };
        let prefix = ApiKey::prefix_of(text).unwrap_or(&self.prefix);
        if let Some(at) = self.revoked_at {
            return Err(unauthenticated(
                Denial::right("auth.api_key.revoked")
                    .because("api_key.prefix", prefix)
                    .because("api_key.revoked_at", at)
                    .remedy("Issue a new key.", Some("issue_api_key")),
            ));
        }
        if now < checked.expires_at {
            return Ok(checked);
        }
        let expired = Denial::right("auth.api_key.expired")
            .because("api_key.prefix", prefix)
            .because("api_key.expires_at", checked.expires_at);
        Err(unauthenticated(if now < self.expires_at {
            expired.remedy("The key was rotated: use its new text.", Some("rotate_api_key"))
        } else {
            expired.remedy("Issue a new key.", Some("issue_api_key"))
        }))
    }

    /// The permissions of calls with this key: those that its patterns name and that `issuer`, the current
    /// holdings of its issuer, also grants at its location.
    ///
    /// # Errors
    /// `auth.api_key.issuer_gone` when none remain.
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
                // Not a role of the tenant: the id of the key, so that explanations name the key.
                role: RoleId::from(self.id.uuid()),
                name: format!("API key {}", self.name).into(),
                patterns: permitted.iter().map(Pattern::of).collect(),
                scope: Scope::Organization(at),
                expires_at: None,
            }],
            changes_at: issuer.changes_at,
            ..Holdings::default()
        };
        let limit = self.requests_per_minute;
        Ok(Grants::compile_for_key(self.id, self.issued_by, self.tenant, at, &holdings, limit))
    }

    /// The refusal of a key whose issuer no longer has any of its permissions.
    pub(crate) fn issuer_gone(&self) -> Refusal {
        unauthenticated(
            Denial::right("auth.api_key.issuer_gone").because("api_key.prefix", &self.prefix).remedy(
                "The user who issued this key no longer has any of its permissions at its location. Ask someone \
                 who has them to issue a new key.",
                Some("issue_api_key"),
            ),
        )
    }

    /// Whether the key works at `now`: it was not revoked and has not expired.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// The same key with a new text. The text until now becomes the former text, which works until
    /// `former_expires_at` and never longer than it would have; a text that was former already stops working.
    #[must_use]
    pub fn rotate(self, prefix: String, hash: TokenHash, former_expires_at: DateTime<Utc>) -> Self {
        let former = FormerText {
            prefix: self.prefix,
            hash: self.hash,
            expires_at: former_expires_at.min(self.expires_at),
            last_used_at: self.last_used_at,
        };
        Self { prefix, hash, last_used_at: None, former: Some(former), ..self }
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
pub(crate) mod tests;
