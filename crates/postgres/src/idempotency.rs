//! The first answer to a request, kept in the transaction that made it.
//!
//! The key is a row of that transaction, so there is no moment in which one exists without the
//! other. It belongs to the caller: two users may choose the same key.
//!
//! An answer is not given again to someone who has lost the right to it since: with it is kept where it
//! did something, and a caller who is now refused or shown nothing (403, 404) gets it only while their
//! permission still stretches to all of these locations.

use crate::TenantTx;
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{OrganizationId, Problem, StoreResult};
use tryzore_rbac::{Actor, Permission, Permit, Reach};
use tryzore_schema::runtime::idempotency_keys;
use uuid::Uuid;

/// A caller's key for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceKey {
    /// What the caller sent, 1 to 255 characters.
    pub key: String,
    /// SHA-256 of method, path and body: the same key must not serve another request.
    pub fingerprint: Vec<u8>,
}

/// An answer, new or remembered.
#[derive(Debug)]
pub enum Answer<T> {
    /// It was worked out now.
    Fresh(T),
    /// It was given before; nothing has changed since.
    Replayed {
        /// The status of the first answer.
        status: u16,
        /// Its body, byte for byte: JSON.
        body: String,
    },
}

impl<T> Answer<T> {
    /// What was worked out `first`; when that failed, what is remembered under `key`, which is only
    /// then looked for by `recall`, and given again only to someone who `may` still have it.
    pub(crate) async fn settle(
        first: Result<T, Problem>,
        key: &OnceKey,
        recall: impl Future<Output = Result<Option<Remembered>, Problem>>,
        may: impl FnOnce(&Problem, &Remembered) -> bool,
    ) -> Result<Self, Problem> {
        let problem = match first {
            Ok(answer) => return Ok(Self::Fresh(answer)),
            Err(problem) => problem,
        };
        match recall.await? {
            Some(remembered) if may(&problem, &remembered) => remembered.answer(key),
            _ => Err(problem),
        }
    }
}

#[derive(Debug, Queryable)]
pub(crate) struct Remembered {
    fingerprint: Vec<u8>,
    status: i16,
    body: String,
    reached: Vec<OrganizationId>,
}

impl Remembered {
    pub(crate) const fn new(fingerprint: Vec<u8>, status: i16, body: String) -> Self {
        Self { fingerprint, status, body, reached: Vec::new() }
    }

    /// Whether `permit` stretches to every location where the first answer did something. One that did
    /// nothing anywhere is not given to someone whose right is in doubt.
    pub(crate) fn is_reached_by<P: Permission>(&self, permit: &Permit<P>) -> bool {
        let reaches = [permit.reach(), permit.limited()];
        let covered = |at: &OrganizationId| reaches.iter().any(|reach| reach.covers(*at));
        // What is the caller's own is theirs wherever it is.
        let is_own = reaches.iter().any(|reach| matches!(reach, Reach::Own));
        is_own || (!self.reached.is_empty() && self.reached.iter().all(covered))
    }

    pub(crate) fn answer<T>(self, key: &OnceKey) -> Result<Answer<T>, Problem> {
        if self.fingerprint != key.fingerprint {
            return Err(Problem::invalid("Idempotency-Key", "this key was used for another request"));
        }
        Ok(Answer::Replayed { status: u16::try_from(self.status).unwrap_or(200), body: self.body })
    }
}

/// An answer that is kept under its caller's key.
#[derive(Debug)]
pub(crate) struct KeptAnswer {
    pub(crate) actor: Uuid,
    pub(crate) key: OnceKey,
    pub(crate) status: i16,
    pub(crate) body: String,
    pub(crate) reached: Vec<OrganizationId>,
}

impl TenantTx {
    pub(crate) fn remember<T: Serialize>(
        &mut self,
        key: &OnceKey,
        status: u16,
        answer: &T,
    ) -> Result<(), Problem> {
        self.journal.kept = Some(KeptAnswer {
            actor: owner(self.actor),
            key: key.clone(),
            status: i16::try_from(status).unwrap_or(200),
            body: serde_json::to_string(answer).map_err(Problem::internal)?,
            reached: self.journal.organizations(),
        });
        Ok(())
    }

    pub(crate) async fn recall(&mut self, key: &OnceKey) -> StoreResult<Option<Remembered>> {
        use idempotency_keys::dsl;
        self.tx
            .row(
                dsl::idempotency_keys
                    .filter(dsl::tenant_id.eq(self.tenant))
                    .filter(dsl::actor_id.eq(owner(self.actor)))
                    .filter(dsl::key.eq(key.key.clone()))
                    .select((dsl::fingerprint, dsl::status, dsl::body, dsl::organization_ids)),
            )
            .await
    }
}

// The product's own parts don't send requests.
fn owner(actor: Actor) -> Uuid {
    match actor {
        Actor::User { user, .. } => user.uuid(),
        Actor::ApiKey { key } => key.uuid(),
        Actor::System { .. } => Uuid::nil(),
    }
}
