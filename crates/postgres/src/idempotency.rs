//! The first answer to a request, stored in the transaction that made it.
//!
//! The idempotency key is a row of that transaction, so the key exists if and only if the changes of the
//! request do. The key belongs to the caller: two users may choose the same key.
//!
//! A stored answer is not returned to a caller who has lost the permission since. It is stored with the
//! locations that the request changed; a caller for whom the repeated request fails with 403 or 404 gets
//! the stored answer only while their permission still covers all of these locations.

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
    /// The key that the caller sent, 1 to 255 characters.
    pub key: String,
    /// SHA-256 of method, path and body: a key must not be used for a different request.
    pub fingerprint: Vec<u8>,
}

/// An answer, new or stored.
#[derive(Debug)]
pub enum Answer<T> {
    /// The answer of this call.
    Fresh(T),
    /// The stored answer of an earlier call; this call has changed nothing.
    Replayed {
        /// The status of the first answer.
        status: u16,
        /// The body of the first answer, byte for byte: JSON.
        body: String,
    },
}

impl<T> Answer<T> {
    /// The answer `first`. If `first` failed, loads the answer stored under `key` with `recall`, and
    /// returns it to a caller who `may` still have it.
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

    /// Whether `permit` covers every location that the first request changed. An answer without any
    /// location is not returned to a caller whose permission cannot be checked.
    pub(crate) fn is_reached_by<P: Permission>(&self, permit: &Permit<P>) -> bool {
        let reaches = [permit.reach(), permit.limited()];
        let covered = |at: &OrganizationId| reaches.iter().any(|reach| reach.covers(*at));
        // A permission for one's own objects is not limited to locations.
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

/// An answer to store under its caller's key.
#[derive(Debug)]
pub(crate) struct StoredAnswer {
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
        self.journal.kept = Some(StoredAnswer {
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

// System actors send no requests.
fn owner(actor: Actor) -> Uuid {
    match actor {
        Actor::User { user, .. } | Actor::Acting { user, .. } => user.uuid(),
        Actor::ApiKey { key } => key.uuid(),
        Actor::System { .. } => Uuid::nil(),
    }
}
