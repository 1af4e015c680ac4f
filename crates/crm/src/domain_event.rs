//! The domain events that this crate publishes. They carry ids only: a subscriber that needs a name reads
//! it with its own permissions.

use crate::consent::{ConsentChannel, ConsentPurpose};
use crate::import::{ImportJob, ImportReport, ImportState};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{AuditEntry, ClientId, ImportId, Invalidation, OrganizationId, UserId};
use tryzore_rbac::{
    domain_event::{About, Payload},
    domain_events,
};

domain_events! {
    VIEW_ALL_CLIENTS {
        /// Staff added a client.
        ClientAdded(OfClient) = "crm.client_added", invalidates |it| Invalidation::User(it.user);
        ClientImported = "crm.client_imported", invalidates |it| Invalidation::User(it.user);
        ClientEdited = "crm.client_edited";
        /// A client was archived.
        ClientArchived(OfClient) = "crm.client_archived", invalidates |it| Invalidation::User(it.user);
        /// An archived client was restored.
        ClientRestored(OfClient) = "crm.client_restored", invalidates |it| Invalidation::User(it.user);
        ConsentRecorded = "crm.consent_recorded";
        ImportProgress = "crm.import_progress";
        ImportFinished = "crm.import_finished";
    }
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfClient {
    /// The client.
    pub client: ClientId,
    /// The user who is the client.
    pub user: UserId,
    /// The home location of the client.
    pub organization: OrganizationId,
}

/// An import added a client. This is a kind of its own, because someone who has been a member elsewhere
/// for years is not welcomed like a new client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientImported {
    /// The client.
    pub client: ClientId,
    /// The user who is the client.
    pub user: UserId,
    /// The location of the import.
    pub organization: OrganizationId,
    /// The import.
    pub import: ImportId,
}

/// Fields of a client were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientEdited {
    /// The client.
    pub client: ClientId,
    /// The user who is the client.
    pub user: UserId,
    /// The home location of the client, or the location of the import.
    pub organization: OrganizationId,
    /// The names of the changed fields.
    pub changed: Vec<String>,
    /// The import that changed them, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportId>,
}

/// A client gave or withdrew a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecorded {
    /// The client.
    pub client: ClientId,
    /// The user who is the client.
    pub user: UserId,
    /// The home location of the client.
    pub organization: OrganizationId,
    /// What for.
    pub purpose: ConsentPurpose,
    /// By which channel.
    pub channel: ConsentChannel,
    /// Given, or withdrawn.
    pub is_given: bool,
}

/// An import has processed a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// The import.
    pub import: ImportId,
    /// The location of the import.
    pub organization: OrganizationId,
    /// The user who started the import.
    pub requested_by: Option<UserId>,
    /// The state of the import, such as `running`.
    pub state: String,
    /// The number of rows that are done.
    pub done: u32,
    /// The number of rows in the file.
    pub total: u32,
    /// The number of clients that were added, or would be.
    pub created: u32,
    /// The number of clients that were changed, or would be.
    pub updated: u32,
    /// The number of clients that stay as they are.
    pub unchanged: u32,
    /// The number of rows that were refused.
    pub refused: u32,
    /// The reason for which the import failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// An import has finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFinished {
    /// The import.
    pub import: ImportId,
    /// The location of the import.
    pub organization: OrganizationId,
    /// The number of clients that were added.
    pub created: u32,
    /// The number of clients that were changed.
    pub updated: u32,
}

impl OfClient {
    /// The `client` at its home location.
    #[must_use]
    pub const fn of(client: &crate::Client) -> Self {
        Self { client: client.id, user: client.user, organization: client.home_organization }
    }
}

impl ImportProgress {
    /// The progress of `job`.
    #[must_use]
    pub fn of(job: &ImportJob) -> Self {
        let report = job.state.report();
        let count = |of: fn(&ImportReport) -> u32| report.map(of).unwrap_or_default();
        Self {
            import: job.id,
            organization: job.organization,
            requested_by: job.requested_by,
            state: job.state.name().to_owned(),
            done: count(|report| report.rows),
            total: job.progress().map_or(0, |progress| progress.total),
            created: count(|report| report.created),
            updated: count(|report| report.updated),
            unchanged: count(|report| report.unchanged),
            refused: count(|report| report.refused),
            code: match &job.state {
                ImportState::Failed { code, .. } => Some(code.clone()),
                _ => None,
            },
        }
    }
}

impl Payload for OfClient {
    fn about(&self) -> About {
        About::object(self.client).at(self.organization).person(self.user)
    }
}

impl Payload for ClientImported {
    fn about(&self) -> About {
        About::object(self.client).at(self.organization).person(self.user)
    }
}

impl Payload for ClientEdited {
    fn about(&self) -> About {
        About::object(self.client).at(self.organization).person(self.user)
    }
}

impl Payload for ConsentRecorded {
    fn about(&self) -> About {
        About::object(self.client).at(self.organization).person(self.user)
    }
}

impl Payload for ImportProgress {
    fn about(&self) -> About {
        About::object(self.import).at(self.organization).person(self.requested_by)
    }
}

impl Payload for ImportFinished {
    fn about(&self) -> About {
        About::object(self.import).at(self.organization)
    }
}

/// The entry of the audit trail about a client: the names of the changed fields without their values.
pub(crate) fn audit(action: &'static str, client: &crate::Client, changed: &[&'static str]) -> AuditEntry {
    AuditEntry {
        action,
        target: client.id.uuid(),
        subject: Some(client.user),
        organizations: vec![client.home_organization],
        details: serde_json::json!({ "changed": changed }),
    }
}
