//! What the domain publishes. Ids only: a follower that needs a name reads it, if it may.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{AuditEntry, ClientId, ImportId, Journal, OrganizationId, Published, UserId};
use uuid::Uuid;

/// Something that happened to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum DomainEvent {
    /// Staff added a client.
    ClientAdded {
        /// The client.
        client: ClientId,
        /// The human.
        user: UserId,
    },
    /// An import brought a client along. A kind of its own: someone who has been a member for
    /// years elsewhere is not welcomed like a stranger.
    ClientImported {
        /// The client.
        client: ClientId,
        /// The human.
        user: UserId,
        /// The import.
        import: ImportId,
    },
    /// Fields of a client changed.
    ClientEdited {
        /// The client.
        client: ClientId,
        /// The human.
        user: UserId,
        /// Which fields.
        changed: Vec<&'static str>,
        /// The import that changed them, when it was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        import: Option<ImportId>,
    },
    /// A client was put away.
    ClientArchived {
        /// The client.
        client: ClientId,
        /// The human.
        user: UserId,
    },
    /// A client is back among the active.
    ClientRestored {
        /// The client.
        client: ClientId,
        /// The human.
        user: UserId,
    },
    /// An import went to its end.
    ImportFinished {
        /// The import.
        import: ImportId,
        /// Clients that it added.
        created: u32,
        /// Clients that it changed.
        updated: u32,
    },
}

impl DomainEvent {
    /// Domain and past tense.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ClientAdded { .. } => "crm.client_added",
            Self::ClientImported { .. } => "crm.client_imported",
            Self::ClientEdited { .. } => "crm.client_edited",
            Self::ClientArchived { .. } => "crm.client_archived",
            Self::ClientRestored { .. } => "crm.client_restored",
            Self::ImportFinished { .. } => "crm.import_finished",
        }
    }

    /// The client, or the import.
    #[must_use]
    pub const fn aggregate(&self) -> Uuid {
        match self {
            Self::ClientAdded { client, .. }
            | Self::ClientImported { client, .. }
            | Self::ClientEdited { client, .. }
            | Self::ClientArchived { client, .. }
            | Self::ClientRestored { client, .. } => client.uuid(),
            Self::ImportFinished { import, .. } => import.uuid(),
        }
    }

    /// The human whom it concerns.
    const fn user(&self) -> Option<UserId> {
        match self {
            Self::ClientAdded { user, .. }
            | Self::ClientImported { user, .. }
            | Self::ClientEdited { user, .. }
            | Self::ClientArchived { user, .. }
            | Self::ClientRestored { user, .. } => Some(*user),
            Self::ImportFinished { .. } => None,
        }
    }

    pub(crate) fn publish(&self, journal: &mut impl Journal, at: OrganizationId, now: DateTime<Utc>) {
        let published = Published::new(self.kind(), self.aggregate(), Some(at), now, self);
        journal.event_publish(Published { subject: self.user(), ..published });
    }
}

/// A line of the audit trail about a client: which fields, never what is in them.
pub(crate) fn audit(action: &'static str, client: &crate::Client, changed: &[&'static str]) -> AuditEntry {
    AuditEntry {
        action,
        target: client.id.uuid(),
        subject: Some(client.user),
        organizations: vec![client.home_organization],
        details: serde_json::json!({ "changed": changed }),
    }
}
