//! A line of the audit trail, and the bytes that are hashed for it.

use super::Digest;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use tryzore_kernel::{AuditId, OrganizationId, TenantId, UserId};
use uuid::Uuid;

/// A line of the audit trail, as the database stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// The number of the line. Numbers grow with gaps: a transaction that was rolled back used up its
    /// numbers.
    pub seq: i64,
    /// The id of the line.
    pub id: AuditId,
    /// The actor as the JSON text that the database prints: always the same for the same value, and without
    /// the loss of precision from parsing numbers.
    pub actor: String,
    /// The user whom the action concerns.
    pub subject: Option<UserId>,
    /// The action, such as `roles.edit`.
    pub action: String,
    /// The id of the object of the action.
    pub target: Uuid,
    /// The locations that the action concerns.
    pub organizations: Vec<OrganizationId>,
    /// The change, as the JSON text that the database prints.
    pub details: String,
    /// The address that the request came from.
    pub ip_address: Option<String>,
    /// The user agent of the request.
    pub user_agent: Option<String>,
    /// The time of the action, to the microsecond.
    pub at: DateTime<Utc>,
}

const VERSION: &[u8] = b"tryzore audit line 1";

impl AuditLine {
    /// The bytes that are hashed for the line in `tenant`.
    ///
    /// The fields follow in this order, each as its length (4 bytes, big-endian) and its bytes; an absent
    /// field has the length `ffffffff` and no bytes: the text `tryzore audit line 1`, tenant (16 bytes),
    /// number (8, big-endian), id (16), actor, subject (16), action, target (16), locations (16 each, one
    /// after the other, in the order of the line), details, address, user agent, microseconds since 1970
    /// (8, big-endian, signed). Texts are UTF-8.
    #[must_use]
    pub fn bytes(&self, tenant: TenantId) -> Vec<u8> {
        let organizations: Vec<u8> =
            self.organizations.iter().flat_map(|at| at.uuid().into_bytes()).collect();
        let subject = self.subject.map(|subject| subject.uuid().into_bytes());
        let mut bytes = Vec::with_capacity(256 + self.details.len());
        let mut put = |field: Option<&[u8]>| {
            let length = field.map_or(u32::MAX, |field| u32::try_from(field.len()).unwrap_or(u32::MAX - 1));
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(field.unwrap_or_default());
        };
        put(Some(VERSION));
        put(Some(tenant.uuid().as_bytes()));
        put(Some(&self.seq.to_be_bytes()));
        put(Some(self.id.uuid().as_bytes()));
        put(Some(self.actor.as_bytes()));
        put(subject.as_ref().map(|bytes| bytes.as_slice()));
        put(Some(self.action.as_bytes()));
        put(Some(self.target.as_bytes()));
        put(Some(&organizations));
        put(Some(self.details.as_bytes()));
        put(self.ip_address.as_deref().map(str::as_bytes));
        put(self.user_agent.as_deref().map(str::as_bytes));
        put(Some(&self.at.timestamp_micros().to_be_bytes()));
        bytes
    }

    /// The SHA-256 of [`AuditLine::bytes`].
    #[must_use]
    pub fn digest(&self, tenant: TenantId) -> Digest {
        Sha256::digest(self.bytes(tenant)).into()
    }
}
