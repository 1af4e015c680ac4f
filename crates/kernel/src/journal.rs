//! What a transaction appends to the story: what happened, what was decided, who did what.
//!
//! Appending never waits: the rows are buffered and leave with the commit, or not at all. The
//! tenant, the actor and the ids are the transaction's to add; a use case only says what is new.

use crate::{AsDenial, DecisionContext, Denial, Fact, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// Something that happened, for whoever follows: a row of the outbox in the same transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Domain and past tense: `events.booked`.
    pub kind: Cow<'static, str>,
    /// What it happened to; events of one aggregate are delivered in order.
    pub aggregate: Uuid,
    /// The location that it concerns, when it concerns one.
    pub organization: Option<OrganizationId>,
    /// The person whom it concerns, who may hear of it although others may not.
    pub subject: Option<UserId>,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The event itself.
    pub payload: Value,
}

impl Published {
    /// An event `kind` of `aggregate`, at `at`, with `payload` as its JSON.
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
            at,
            payload: serde_json::to_value(payload).unwrap_or(Value::Null),
        }
    }

    /// Names whom it concerns.
    #[must_use]
    pub const fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// How a decision went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was allowed.
    Allowed,
    /// It was refused.
    Denied,
}

/// A decision to remember: what was asked, how it went, from which facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The command that was asked for: `events.book`.
    pub command: &'static str,
    /// What it was asked of.
    pub object: Uuid,
    /// The location that it concerns, when it concerns one.
    pub organization: Option<OrganizationId>,
    /// The person whom it concerns, who may look it up although others may not.
    pub subject: Option<UserId>,
    /// How it went.
    pub outcome: Outcome,
    /// The denial's code, or `allowed`.
    pub code: Cow<'static, str>,
    /// The facts that decided.
    pub because: Vec<Fact>,
    /// What would have changed it.
    pub remedy: Option<crate::Remedy>,
}

impl Decision {
    /// `command` on `object` was allowed because of `because`.
    pub fn allowed(command: &'static str, object: impl Into<Uuid>, because: Vec<Fact>) -> Self {
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
    pub fn denied(command: &'static str, object: impl Into<Uuid>, denial: &Denial) -> Self {
        Self {
            outcome: Outcome::Denied,
            code: denial.code.clone(),
            remedy: denial.remedy.clone(),
            ..Self::allowed(command, object, denial.because.clone())
        }
    }

    /// Names whom it concerns.
    #[must_use]
    pub const fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Names where it was decided.
    #[must_use]
    pub const fn at(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }
}

/// Who did what to what: a line of the audit trail (CMP-03).
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Resource and verb: `roles.edit`.
    pub action: &'static str,
    /// What it was done to.
    pub target: Uuid,
    /// The person whom it concerns.
    pub subject: Option<UserId>,
    /// The locations that it touches.
    pub organizations: Vec<OrganizationId>,
    /// What changed; never a secret, never more personal data than the change itself.
    pub details: Value,
}

/// Where a use case appends. Every transaction is one.
pub trait Journal {
    /// Publishes what happened, with the commit.
    fn event_publish(&mut self, event: Published);
    /// Records a decision, with the commit; a denial is recorded although its transaction is not.
    fn decision_record(&mut self, decision: Decision);
    /// Appends to the audit trail, with the commit.
    fn audit_append(&mut self, entry: AuditEntry);

    /// Hands on what a rule said of `decision`; a denial is recorded.
    ///
    /// # Errors
    /// What the rule said.
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
