//! What a transaction appends to the record: domain events, decisions and audit entries.
//!
//! Appending never waits: the rows are buffered and written with the commit, or not at all. The transaction
//! adds the tenant, the actor and the ids; a use case only passes what is new.

use crate::{
    AsDenial, Audience, Command, DecisionContext, Denial, Fact, Invalidates, OrganizationId, UserId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// A domain event for subscribers: a row of the outbox, written in the same transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Domain and verb in past tense: `events.booked`.
    pub kind: Cow<'static, str>,
    /// The aggregate that the event is about; events of one aggregate are delivered in order.
    pub aggregate: Uuid,
    /// The location that the event concerns, if it concerns one.
    pub organization: Option<OrganizationId>,
    /// The person whom the event concerns. They may receive it even if others may not.
    pub subject: Option<UserId>,
    /// Who else may receive it, at its location.
    pub audience: Audience,
    /// The part of the caches that the event invalidates. It is used at the commit and not stored.
    pub invalidates: Option<Invalidates>,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The data of the event.
    pub payload: Value,
}

impl Published {
    /// An event `kind` of `aggregate`, at `at`, with `payload` as its JSON, for nobody but its subject.
    pub fn new(
        kind: &'static str,
        aggregate: impl Into<Uuid>,
        organization: Option<OrganizationId>,
        at: DateTime<Utc>,
        payload: &impl Serialize,
    ) -> Self {
        Self {
            kind: kind.into(),
            aggregate: aggregate.into(),
            organization,
            subject: None,
            audience: Audience::SUBJECT,
            invalidates: None,
            at,
            payload: serde_json::to_value(payload).unwrap_or(Value::Null),
        }
    }

    /// Names the person whom the event concerns.
    #[must_use]
    pub const fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// The outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The command was allowed.
    Allowed,
    /// The command was refused.
    Denied,
}

/// A decision to record: the command, its outcome and the facts behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The command that was requested, and who may see decisions about it.
    pub command: Command,
    /// The object of the command.
    pub object: Uuid,
    /// The location that the decision concerns, if it concerns one.
    pub organization: Option<OrganizationId>,
    /// The person whom the decision concerns. They may look it up even if others may not.
    pub subject: Option<UserId>,
    /// Whether the command was allowed.
    pub outcome: Outcome,
    /// The denial's code, or `allowed`.
    pub code: Cow<'static, str>,
    /// The facts that the decision rests on.
    pub because: Vec<Fact>,
    /// What would have changed a refusal.
    pub remedy: Option<crate::Remedy>,
}

impl Decision {
    /// `command` on `object` was allowed because of `because`.
    pub fn allowed(command: Command, object: impl Into<Uuid>, because: Vec<Fact>) -> Self {
        Self {
            command,
            object: object.into(),
            organization: None,
            subject: None,
            outcome: Outcome::Allowed,
            code: Cow::Borrowed("allowed"),
            because,
            remedy: None,
        }
    }

    /// `command` on `object` was refused with `denial`.
    pub fn denied(command: Command, object: impl Into<Uuid>, denial: &Denial) -> Self {
        Self {
            outcome: Outcome::Denied,
            code: denial.code.clone(),
            remedy: denial.remedy.clone(),
            ..Self::allowed(command, object, denial.because.clone())
        }
    }

    /// Names the person whom the decision concerns.
    #[must_use]
    pub const fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Names the location of the decision.
    #[must_use]
    pub const fn at(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }
}

/// Who did what to what: an entry of the audit trail (CMP-03).
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Resource and verb: `roles.edit`.
    pub action: &'static str,
    /// The id of the object that was changed.
    pub target: Uuid,
    /// The person whom the action concerns.
    pub subject: Option<UserId>,
    /// The locations that the action affects.
    pub organizations: Vec<OrganizationId>,
    /// What changed. Contains no secret and no more personal data than the change itself.
    pub details: Value,
}

/// The record that a use case appends to. Every transaction implements it.
pub trait Journal {
    /// Publishes a domain event with the commit.
    fn event_publish(&mut self, event: Published);
    /// Records a decision with the commit. A denial is recorded even if its transaction is rolled back.
    fn decision_record(&mut self, decision: Decision);
    /// Appends an entry to the audit trail with the commit.
    fn audit_append(&mut self, entry: AuditEntry);

    /// Returns the answer of a rule unchanged, and records it as `decision` if it is a denial.
    ///
    /// # Errors
    /// The error of the rule.
    fn record_if_denied<T, E: AsDenial>(
        &mut self,
        decision: DecisionContext,
        said: Result<T, E>,
    ) -> Result<T, E>
    where
        Self: Sized,
    {
        if let Some(denial) = said.as_ref().err().and_then(AsDenial::as_denial) {
            self.decision_record(decision.denied(denial));
        }
        said
    }
}
