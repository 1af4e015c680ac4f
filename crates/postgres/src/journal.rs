//! Outbox, decisions and audit: buffered in the transaction, appended with its commit.
//!
//! Decisions and audit lines belong to a tenant. In a transaction without one they are kept in the
//! event log, as events of the kinds `journal.decided` and `journal.audited`: nothing that was
//! recorded is lost because nobody was signed in yet.

use crate::{
    append::{AppendAll, AppendAudit, AppendEvents, AppendOne, Head},
    idempotency::KeptAnswer,
    request_origin::RequestOrigin,
    tx::Tx,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;
use tryzore_kernel::{
    AuditEntry, Decision, DecisionId, OrganizationId, Outcome, Published, TenantId, UserId,
};
use tryzore_rbac::Actor;

/// What a transaction will append.
#[derive(Default)]
pub(crate) struct Buffer {
    pub(crate) events: Vec<Published>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) audit: Vec<AuditEntry>,
    /// The answer that is kept for a repetition, if one is.
    pub(crate) kept: Option<KeptAnswer>,
    /// Users who were made in this transaction: nobody is signed in as one of them.
    pub(crate) new_users: HashSet<UserId>,
    /// Whether there will be work for the worker besides.
    pub(crate) has_enqueued: bool,
}

impl Buffer {
    pub(crate) fn has_published(&self) -> bool {
        !self.events.is_empty() || self.has_enqueued
    }

    /// The locations that anything of this is about, each once.
    pub(crate) fn organizations(&self) -> Vec<OrganizationId> {
        let of_events = self.events.iter().filter_map(|event| event.organization);
        let of_decisions = self.decisions.iter().filter_map(|decision| decision.organization);
        let of_audit = self.audit.iter().flat_map(|entry| entry.organizations.iter().copied());
        let mut all: Vec<_> = of_events.chain(of_decisions).chain(of_audit).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Forgets all but the refusals; whether there are any.
    pub(crate) fn keep_denials(&mut self) -> bool {
        self.events.clear();
        self.audit.clear();
        self.kept = None;
        self.has_enqueued = false;
        self.decisions.retain(|decision| decision.outcome == Outcome::Denied);
        !self.decisions.is_empty()
    }

    /// Lets everything wait for the commit; the id of the last decision.
    pub(crate) fn append(
        &mut self,
        tx: &mut Tx,
        tenant: Option<TenantId>,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Option<DecisionId> {
        let actor = serde_json::to_value(actor).unwrap_or(Value::Null);
        let Some(of) = tenant else {
            let last = self.tell_as_events(now);
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

    // Without a tenant there is no decision log and no audit trail: the event log tells.
    fn tell_as_events(&mut self, now: DateTime<Utc>) -> Option<DecisionId> {
        for entry in self.audit.drain(..) {
            let RequestOrigin { ip_address, user_agent } = RequestOrigin::current();
            let told = json!({
                "action": entry.action, "target": entry.target, "subject": entry.subject,
                "organizations": entry.organizations, "details": entry.details,
                "ip_address": ip_address, "user_agent": user_agent,
            });
            self.events.push(Published::new("journal.audited", entry.target, None, now, &told));
        }
        let mut last = None;
        for decision in self.decisions.drain(..) {
            let id = DecisionId::generate(now);
            last = Some(id);
            let told = json!({
                "id": id, "command": decision.command, "outcome": decision.outcome,
                "code": decision.code, "because": decision.because, "remedy": decision.remedy,
            });
            let event = Published::new("journal.decided", decision.object, None, now, &told);
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
