//! The kinds of data that a program can override. The program puts them together, so that no domain knows another.

use crate::{
    Support,
    kind::{Asked, Found, OverrideKind, People, Search},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tryzore_kernel::{
    AuditEntry, Decision, Journal, OrganizationId, OverrideId, Published, StoreResult, UseCaseError, UserId,
};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, Reach, Slug, grants::lacking};
use tryzore_support::{Kinds, ManualOverride, OverrideStep, Overrides, Preview, permission::ManualOverrides};

/// The kinds of data that can be overridden, and who holds which permission.
#[derive(Clone, Copy)]
pub struct Registry {
    kinds: &'static [&'static dyn OverrideKind],
    people: &'static dyn People,
}

impl Registry {
    /// The registry of `kinds`, whose names are unique.
    #[must_use]
    pub const fn new(kinds: &'static [&'static dyn OverrideKind], people: &'static dyn People) -> Self {
        Self { kinds, people }
    }

    /// The names of the kinds.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().map(|kind| kind.kind())
    }

    /// The people who hold `slug` at `organization`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn who_hold(
        self,
        tx: &mut TenantTx,
        slug: Slug,
        organization: OrganizationId,
    ) -> StoreResult<Vec<UserId>> {
        self.people.who_hold(tx, slug, organization).await
    }

    /// What matches `text`, at the locations where the caller may override the kind, or at one of them.
    ///
    /// # Errors
    /// 422 for an unknown kind; 403 or 404 for a location where the caller may not override it.
    pub async fn search(
        self,
        permit: &Permit<ManualOverrides>,
        tx: &mut TenantTx,
        (kind, text): (&str, &str),
        organization: Option<OrganizationId>,
    ) -> Result<Vec<Found>, UseCaseError> {
        let kind = self.find(kind, "kind")?;
        let reach = permit.grants().reach(kind.seen_with());
        let organizations = match (organization, permit.reach().filter(), reach.filter()) {
            (Some(at), ..) => {
                check_seen(permit, kind, at, "organization")?;
                Some(vec![at])
            }
            (None, None, None) => None,
            (None, None, Some(at)) | (None, Some(at), None) => Some(at.to_vec()),
            (None, Some(at), Some(seen)) => Some(at.iter().filter(|at| seen.contains(at)).copied().collect()),
        };
        let search = Search { text: text.to_owned(), organizations, rows: Search::ROWS };
        Ok(kind.search(tx, &search).await?)
    }

    fn find(self, name: &str, pointer: &str) -> Result<&'static dyn OverrideKind, UseCaseError> {
        self.kinds.iter().copied().find(|kind| kind.kind() == name).ok_or_else(|| {
            let known = self.names().collect::<Vec<_>>().join(", ");
            UseCaseError::invalid(pointer, format!("expected one of these kinds: {known}"))
        })
    }
}

/// Checks that the caller may override `kind` at `at`.
fn check_seen(
    permit: &Permit<ManualOverrides>,
    kind: &dyn OverrideKind,
    at: OrganizationId,
    what: &'static str,
) -> Result<(), UseCaseError> {
    permit.require_at(at, what)?;
    match permit.grants().reach(kind.seen_with()) {
        Reach::Tenant => Ok(()),
        reach if reach.covers(at) => Ok(()),
        _ => Err(lacking(kind.seen_with()).because("organization", at).into()),
    }
}

/// A transaction with a registry: the ports of the use cases of overrides.
pub struct OverrideTx<'t> {
    tx: &'t mut TenantTx,
    registry: Registry,
    permit: &'t Permit<ManualOverrides>,
}

impl<'t> OverrideTx<'t> {
    /// The ports on `tx`, for a caller with `permit`.
    pub fn new(tx: &'t mut TenantTx, registry: Registry, permit: &'t Permit<ManualOverrides>) -> Self {
        Self { tx, registry, permit }
    }
}

impl Overrides for OverrideTx<'_> {
    async fn override_open(&mut self, id: OverrideId) -> StoreResult<Option<ManualOverride>> {
        self.tx.support().lock(id).await
    }

    async fn override_open_on(
        &mut self,
        target: &str,
        subject: Option<UserId>,
    ) -> StoreResult<Option<ManualOverride>> {
        self.tx.support().lock_open_on(target, subject).await
    }

    async fn override_insert(&mut self, proposal: &ManualOverride) -> StoreResult<bool> {
        self.tx.support().insert(proposal).await
    }

    async fn override_update(&mut self, it: &ManualOverride) -> StoreResult<()> {
        self.tx.support().update(it);
        Ok(())
    }

    async fn step_append(&mut self, step: OverrideStep) -> StoreResult<()> {
        self.tx.support().append(step);
        Ok(())
    }

    async fn people_who_may(&mut self, organization: OrganizationId, except: UserId) -> StoreResult<usize> {
        let holders = self.registry.who_hold(self.tx, Slug::MANUAL_OVERRIDE, organization).await?;
        Ok(holders.into_iter().filter(|person| *person != except).count())
    }
}

impl Kinds for OverrideTx<'_> {
    async fn change_preview(
        &mut self,
        kind: &str,
        target: &str,
        change: &Value,
        now: DateTime<Utc>,
    ) -> Result<Preview, UseCaseError> {
        let kind = self.registry.find(kind, "/kind")?;
        let asked = Asked { target, change, reason: "" };
        let preview = kind.preview(self.permit, self.tx, asked, now).await?;
        check_seen(self.permit, kind, preview.organization, "override target")?;
        Ok(preview)
    }

    async fn change_execute(
        &mut self,
        it: &ManualOverride,
        now: DateTime<Utc>,
    ) -> Result<Value, UseCaseError> {
        let kind = self.registry.find(&it.kind, "/kind")?;
        let asked = Asked { target: &it.preview.target, change: &it.change, reason: &it.reason };
        kind.execute(self.permit, self.tx, asked, now).await
    }

    async fn change_revert(&mut self, it: &ManualOverride, now: DateTime<Utc>) -> Result<(), UseCaseError> {
        let kind = self.registry.find(&it.kind, "/kind")?;
        let executed = it.executed.as_ref().ok_or(UseCaseError::NotFound("execution"))?;
        kind.revert(self.permit, self.tx, it, &executed.undo, now).await
    }
}

impl Journal for OverrideTx<'_> {
    fn event_publish(&mut self, event: Published) {
        self.tx.event_publish(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.tx.decision_record(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.tx.audit_append(entry);
    }
}
