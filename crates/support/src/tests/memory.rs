//! A store in memory, and a domain with a single light: the simplest one that fulfills the ports.

use crate::{
    Kinds, ManualOverride, OverrideStatus, OverrideStep, Overrides, Preview, UseCaseError,
    permission::ManualOverrides,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tryzore_kernel::{
    AuditEntry, Decision, Denial, Journal, OrganizationId, Outcome, OverrideId, Published, RoleId, SessionId,
    StoreResult, TenantId, UserId,
};
use tryzore_rbac::{
    Actor, Assignment, FactorStanding, Grants, Holdings, OrganizationNode, Permit, Scope, SystemActor,
};

pub(super) const TICK: TimeDelta = TimeDelta::microseconds(1);

/// Noon of 2 March 2026 in Rome.
pub(super) fn noon() -> DateTime<Utc> {
    static NOON: LazyLock<DateTime<Utc>> = LazyLock::new(|| "2026-03-02T11:00:00Z".parse().unwrap());
    *NOON
}

pub(super) struct Memory {
    tenant: TenantId,
    at: OrganizationId,
    people: [UserId; 2],
    pub(super) light: String,
    pub(super) others: usize,
    overrides: Vec<ManualOverride>,
    pub(super) steps: Vec<OverrideStep>,
    pub(super) events: Vec<Published>,
    pub(super) decisions: Vec<Decision>,
    pub(super) audit: Vec<AuditEntry>,
}

impl Memory {
    pub(super) fn open() -> Self {
        Self {
            tenant: TenantId::generate(noon()),
            at: OrganizationId::generate(noon()),
            people: [UserId::generate(noon()), UserId::generate(noon())],
            light: "off".into(),
            others: 1,
            overrides: Vec::new(),
            steps: Vec::new(),
            events: Vec::new(),
            decisions: Vec::new(),
            audit: Vec::new(),
        }
    }

    fn staff(&self, user: UserId, at: OrganizationId) -> Permit<ManualOverrides> {
        let assignment = Assignment {
            role: RoleId::generate(noon()),
            name: "Test".into(),
            patterns: vec!["support.manual_override".parse().unwrap()],
            scope: Scope::Organization(at),
            expires_at: None,
        };
        let holdings = Holdings {
            tree: vec![OrganizationNode { organization: at, parent: None }],
            assignments: vec![assignment],
            ..Holdings::default()
        };
        let actor = Actor::User { user, session: SessionId::generate(noon()) };
        let factor = FactorStanding { used_at: Some(noon()), ..FactorStanding::default() };
        let grants = Grants::compile(actor, self.tenant, Some(at), &holdings).with_factor(factor, noon());
        grants.permit_at(noon()).unwrap()
    }

    pub(super) fn ada(&self) -> Permit<ManualOverrides> {
        self.staff(self.people[0], self.at)
    }

    pub(super) fn grace(&self) -> Permit<ManualOverrides> {
        self.staff(self.people[1], self.at)
    }

    pub(super) fn staff_elsewhere(&self, user: UserId) -> Permit<ManualOverrides> {
        self.staff(user, OrganizationId::generate(noon()))
    }

    pub(super) fn system(&self) -> Permit<ManualOverrides> {
        Permit::system(self.tenant, SystemActor::Overrides)
    }

    pub(super) fn status(&self, id: OverrideId) -> OverrideStatus {
        self.overrides.iter().find(|it| it.id == id).unwrap().status
    }

    /// The reasons of the recorded refusals, without their domain.
    pub(super) fn refused(&self) -> Vec<&str> {
        let refused = self.decisions.iter().filter(|it| it.outcome == Outcome::Denied);
        refused.map(|it| it.code.rsplit('.').next().unwrap()).collect()
    }
}

impl Overrides for Memory {
    async fn override_open(&mut self, id: OverrideId) -> StoreResult<Option<ManualOverride>> {
        Ok(self.overrides.iter().find(|it| it.id == id).cloned())
    }

    async fn override_open_on(
        &mut self,
        target: &str,
        subject: Option<UserId>,
    ) -> StoreResult<Option<ManualOverride>> {
        let is_open = |it: &&ManualOverride| {
            it.status.is_open() && it.preview.target == target && it.preview.subject == subject
        };
        Ok(self.overrides.iter().find(is_open).cloned())
    }

    async fn override_insert(&mut self, proposal: &ManualOverride) -> StoreResult<bool> {
        let (target, subject) = (&proposal.preview.target, proposal.preview.subject);
        if self.override_open_on(target, subject).await?.is_some() {
            return Ok(false);
        }
        self.overrides.push(proposal.clone());
        Ok(true)
    }

    async fn override_update(&mut self, it: &ManualOverride) -> StoreResult<()> {
        let kept = self.overrides.iter_mut().find(|kept| kept.id == it.id).unwrap();
        assert_eq!(kept.version + 1, it.version, "each step raises the version by one");
        *kept = it.clone();
        Ok(())
    }

    async fn step_append(&mut self, step: OverrideStep) -> StoreResult<()> {
        self.steps.push(step);
        Ok(())
    }

    async fn people_who_may(&mut self, at: OrganizationId, _: UserId) -> StoreResult<usize> {
        Ok(if at == self.at { self.others } else { 0 })
    }
}

impl Kinds for Memory {
    async fn change_preview(
        &mut self,
        kind: &str,
        target: &str,
        change: &Value,
        _: DateTime<Utc>,
    ) -> Result<Preview, UseCaseError> {
        assert_eq!((kind, target), ("light", "lamp"));
        Ok(Preview {
            organization: self.at,
            target: target.into(),
            subject: None,
            before: json!(self.light),
            after: change["to"].clone(),
            effects: vec!["The light is on.".into()],
        })
    }

    async fn change_execute(&mut self, it: &ManualOverride, _: DateTime<Utc>) -> Result<Value, UseCaseError> {
        let before = std::mem::replace(&mut self.light, it.change["to"].as_str().unwrap().into());
        Ok(json!(before))
    }

    async fn change_revert(&mut self, it: &ManualOverride, _: DateTime<Utc>) -> Result<(), UseCaseError> {
        if self.light == "broken" {
            return Err(Denial::state("light.broken").remedy("Buy a new one.", None).into());
        }
        self.light = it.executed.as_ref().unwrap().undo.as_str().unwrap().into();
        Ok(())
    }
}

impl Journal for Memory {
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
