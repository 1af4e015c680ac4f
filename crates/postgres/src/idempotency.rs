//! The first answer to a request, kept in the transaction that made it.
//!
//! The key is a row of that transaction, so there is no moment in which one exists without the
//! other. It belongs to the caller: two users may choose the same key.

use crate::TenantTx;
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{Problem, StoreResult};
use tryzore_rbac::Actor;
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
    /// then looked for by `recall`.
    pub(crate) async fn settle(
        first: Result<T, Problem>,
        key: &OnceKey,
        recall: impl Future<Output = Result<Option<Remembered>, Problem>>,
    ) -> Result<Self, Problem> {
        match first {
            Ok(answer) => Ok(Self::Fresh(answer)),
            Err(problem) => recall.await?.map_or(Err(problem), |remembered| remembered.answer(key)),
        }
    }
}

#[derive(Debug, Queryable)]
pub(crate) struct Remembered {
    fingerprint: Vec<u8>,
    status: i16,
    body: String,
}

impl Remembered {
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
                    .select((dsl::fingerprint, dsl::status, dsl::body)),
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
