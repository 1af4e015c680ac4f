//! The delivery of an event to a subscription.
//!
//! Delivery is at least once: a worker may die after it did the work and before it recorded that. The
//! effect is exactly once, because the transaction with the effect also inserts a row `(subscription,
//! event)` with a unique key: a second delivery finds the row, or waits for the transaction that is
//! inserting it.

use super::{Failure, Follow, Job, Program, Subscription, program::Work};
use crate::{
    Db,
    scopes::{Scope, Scoped},
    statement,
};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tryzore_kernel::{OrganizationId, OutboxId, Problem, StoreResult, TenantId, UserId};
use tryzore_rbac::Permit;
use uuid::Uuid;

/// The kind of the jobs that deliver events.
pub const KIND: &str = "follow";

/// An event, as subscriptions receive it.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Message {
    /// The id of the event.
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: OutboxId,
    /// The position in the order in which followers see events.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub position: Option<i64>,
    /// The tenant in which the event happened.
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>, column_name = tenant_id)]
    pub tenant: Option<TenantId>,
    /// The location at which the event happened.
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>, column_name = organization_id)]
    pub organization: Option<OrganizationId>,
    /// Domain and past tense, such as `events.booked`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The object of the event.
    #[diesel(sql_type = diesel::sql_types::Uuid, column_name = aggregate_id)]
    pub aggregate: Uuid,
    /// The user whom the event concerns.
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>, column_name = subject_id)]
    pub subject: Option<UserId>,
    /// The data of the event.
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    /// When the event happened.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
}

impl Message {
    /// Deserializes the payload.
    ///
    /// # Errors
    /// A permanent [`Failure`] when the payload is of another shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.payload).map_err(|error| Failure::permanent(format!("{}: {error}", self.kind)))
    }
}

/// The payload of a job that delivers an event.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) subscription: String,
    pub(crate) message: OutboxId,
}

statement! {
    struct TakeMessage {
        subscription: String => Text,
        message: OutboxId => diesel::sql_types::Uuid,
        now: DateTime<Utc> => Timestamptz,
    }
    "WITH first AS (
         INSERT INTO runtime.followed (subscription, event_id, followed_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING event_id)
     SELECT o.id, o.position, o.tenant_id, o.organization_id, o.kind, o.aggregate_id, o.subject_id, o.payload,
            o.occurred_at
     FROM runtime.outbox o JOIN first ON first.event_id = o.id"
}

statement! {
    struct NoteOnce { what: String => Text, id: Uuid => diesel::sql_types::Uuid, now: DateTime<Utc> => Timestamptz }
    "INSERT INTO runtime.followed (subscription, event_id, followed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
}

impl<S: Scope> Scoped<S> {
    /// Whether `what` was never done with `id` before; records with the commit that it is done now. For
    /// work that must not be done twice; the record is stored for thirty days.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_first_time(&mut self, what: impl Into<String>, id: impl Into<Uuid>) -> StoreResult<bool> {
        let note = NoteOnce { what: what.into(), id: id.into(), now: self.now };
        Ok(self.tx.execute(note).await? == 1)
    }

    // The message, unless the subscription has already processed it.
    async fn message_take(&mut self, delivery: &Delivery) -> StoreResult<Option<Message>> {
        let Delivery { subscription, message } = delivery;
        self.tx
            .row(TakeMessage { subscription: subscription.clone(), message: *message, now: self.now })
            .await
    }
}

/// Runs a delivery job.
pub(crate) async fn deliver<S>(
    db: &Db,
    services: &S,
    program: &Program<S>,
    job: &Job,
) -> Result<(), Failure> {
    let delivery: Delivery = job.payload()?;
    // Not permanent: a newer worker may have the subscription.
    let subscription = program
        .subscriptions
        .iter()
        .find(|subscription| subscription.name == delivery.subscription)
        .ok_or_else(|| Failure::temporary(format!("no subscription `{}` here", delivery.subscription)))?;
    let Subscription { actor, follow, .. } = subscription;
    // The transaction returns a problem, which says less than the failure.
    let mut failed = None;
    let answer = match follow {
        Follow::InTenant(step) => {
            let tenant = job.tenant.ok_or_else(|| Failure::permanent("an event of no tenant"))?;
            let permit = Permit::<Work>::system(tenant, *actor);
            db.tenant_tx(&permit, async |tx| {
                let Some(message) = tx.message_take(&delivery).await? else { return Ok(()) };
                step(services, &message, tx).await.map_err(|failure| keep(&mut failed, failure))
            })
            .await
        }
        Follow::Anywhere(step) => {
            db.auth_tx(async |tx| {
                tx.act_as(tryzore_rbac::Actor::System { system: *actor });
                let Some(message) = tx.message_take(&delivery).await? else { return Ok(()) };
                step(services, &message, tx).await.map_err(|failure| keep(&mut failed, failure))
            })
            .await
        }
    };
    answer.map_err(|problem| failed.unwrap_or_else(|| problem.into()))
}

fn keep(failed: &mut Option<Failure>, failure: Failure) -> Problem {
    let problem = Problem::internal(&failure.reason);
    *failed = Some(failure);
    problem
}
