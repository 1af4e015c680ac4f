//! Events, decisions and audit entries: buffered in the transaction, appended with its commit.
//!
//! Decisions and audit entries belong to a tenant. In a transaction without a tenant they are stored in
//! the event log, as events of the kinds `journal.decided` and `journal.audited`, so that records from
//! before sign-in are not lost.

use crate::{
    append::{AppendAll, AppendAudit, AppendEvents, AppendOne, Head},
    idempotency::StoredAnswer,
    request_origin::RequestOrigin,
    tx::Tx,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;
use tryzore_kernel::{
    AuditEntry, Decision, DecisionId, Journal, OrganizationId, Outcome, Published, TenantId, UserId,
};
use tryzore_rbac::Actor;

/// The records that a transaction will append.
#[derive(Default)]
pub struct Buffer {
    pub(crate) events: Vec<Published>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) audit: Vec<AuditEntry>,
    /// The answer to store for repetitions of the request, if there is one.
    pub(crate) kept: Option<StoredAnswer>,
    /// Users who were created in this transaction: none of them has a session yet.
    pub(crate) new_users: HashSet<UserId>,
    /// Whether the transaction has enqueued a job.
    pub(crate) has_enqueued: bool,
}

impl Journal for Buffer {
    fn event_publish(&mut self, event: Published) {
        self.events.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}

impl Buffer {
    /// Notes that `user` is created in this transaction: nobody has a session of theirs yet that a change of
    /// their rights would invalidate.
    pub fn user_is_new(&mut self, user: UserId) {
        self.new_users.insert(user);
    }

    pub(crate) fn has_published(&self) -> bool {
        !self.events.is_empty() || self.has_enqueued
    }

    /// The locations that the records are about, without duplicates.
    pub(crate) fn organizations(&self) -> Vec<OrganizationId> {
        let of_events = self.events.iter().filter_map(|event| event.organization);
        let of_decisions = self.decisions.iter().filter_map(|decision| decision.organization);
        let of_audit = self.audit.iter().flat_map(|entry| entry.organizations.iter().copied());
        let mut all: Vec<_> = of_events.chain(of_decisions).chain(of_audit).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Drops all records but the refusals; returns whether there are any.
    pub(crate) fn keep_denials(&mut self) -> bool {
        self.events.clear();
        self.audit.clear();
        self.kept = None;
        self.has_enqueued = false;
        self.decisions.retain(|decision| decision.outcome == Outcome::Denied);
        !self.decisions.is_empty()
    }

    /// Defers the writing of all records to the commit; returns the id of the last decision.
    pub(crate) fn append(
        &mut self,
        tx: &mut Tx,
        tenant: Option<TenantId>,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Option<DecisionId> {
        let actor = serde_json::to_value(actor).unwrap_or(Value::Null);
        let Some(of) = tenant else {
            let last = self.convert_to_events(now);
            self.append_events(tx, Head { tenant, actor, now });
            return last;
        };
        for entry in self.audit.drain(..) {
            tx.defer(AppendAudit::new(of, actor.clone(), entry, now));
        }
        let head = Head { tenant, actor, now };
        let decisions = self.decisions.drain(..).map(|decision| (DecisionId::generate(now), decision));
        let mut decisions: Vec<_> = decisions.collect();
        let last = decisions.last().map(|(id, _)| *id);
        let kept = self.kept.take();
        match (&mut *self.events, &mut *decisions) {
            (_, []) if kept.is_none() => self.append_events(tx, head),
            ([event], [decision]) => tx.defer(AppendOne::new(head, event, decision, kept)),
            _ => tx.defer(AppendAll::new(head, &mut self.events, &mut decisions, kept)),
        }
        last
    }

    // Without a tenant there is no decision log and no audit trail: the event log has both.
    fn convert_to_events(&mut self, now: DateTime<Utc>) -> Option<DecisionId> {
        for entry in self.audit.drain(..) {
            let RequestOrigin { ip_address, user_agent } = RequestOrigin::current();
            let payload = json!({
                "action": entry.action, "target": entry.target, "subject": entry.subject,
                "organizations": entry.organizations, "details": entry.details,
                "ip_address": ip_address, "user_agent": user_agent,
            });
            self.events.push(Published::new("journal.audited", entry.target, None, now, &payload));
        }
        let mut last = None;
        for decision in self.decisions.drain(..) {
            let id = DecisionId::generate(now);
            last = Some(id);
            let payload = json!({
                "id": id, "command": decision.command.name, "outcome": decision.outcome,
                "code": decision.code, "because": decision.because, "remedy": decision.remedy,
            });
            let event = Published::new("journal.decided", decision.object, None, now, &payload);
            self.events.push(match decision.subject {
                Some(subject) => event.about(subject),
                None => event,
            });
        }
        last
    }

    fn append_events(&mut self, tx: &mut Tx, head: Head) {
        if !self.events.is_empty() {
            tx.defer(AppendEvents::new(head, &mut self.events));
        }
    }
}
