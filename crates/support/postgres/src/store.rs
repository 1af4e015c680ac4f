//! Overrides and their log.

use crate::SupportStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, OverrideId, StoreResult, TenantId, UserId};
use tryzore_postgres::column::{corrupt, from_text, to_text};
use tryzore_schema::support::{manual_overrides, override_steps};
use tryzore_support::{
    ManualOverride, OverrideStep, Preview,
    manual_override::{Executed, Settled},
};

/// The states in which an override is open, as in the index `manual_overrides_open`.
const OPEN: [&str; 3] = ["proposed", "executed", "revert_failed"];

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = manual_overrides, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
pub(crate) struct OverrideRow {
    tenant_id: TenantId,
    id: OverrideId,
    organization_id: OrganizationId,
    kind: String,
    target: String,
    subject_user_id: Option<UserId>,
    change: Value,
    state_before: Value,
    state_after: Value,
    effects: Vec<String>,
    reason: String,
    confirm_within_hours: i32,
    status: String,
    proposed_by: UserId,
    proposed_at: DateTime<Utc>,
    executed_at: Option<DateTime<Utc>>,
    confirm_by: Option<DateTime<Utc>>,
    settled_by: Option<UserId>,
    settled_at: Option<DateTime<Utc>>,
    undo: Option<Value>,
    failure: Option<String>,
    version: i32,
}

impl OverrideRow {
    fn of(it: &ManualOverride, tenant_id: TenantId) -> Self {
        let executed = it.executed.as_ref();
        Self {
            tenant_id,
            id: it.id,
            organization_id: it.preview.organization,
            kind: it.kind.clone(),
            target: it.preview.target.clone(),
            subject_user_id: it.preview.subject,
            change: it.change.clone(),
            state_before: it.preview.before.clone(),
            state_after: it.preview.after.clone(),
            effects: it.preview.effects.clone(),
            reason: it.reason.clone(),
            confirm_within_hours: it.confirm_within_hours,
            status: to_text(it.status),
            proposed_by: it.proposed_by,
            proposed_at: it.proposed_at,
            executed_at: executed.map(|executed| executed.at),
            confirm_by: executed.map(|executed| executed.confirm_by),
            settled_by: it.settled.and_then(|settled| settled.by),
            settled_at: it.settled.map(|settled| settled.at),
            undo: executed.map(|executed| executed.undo.clone()),
            failure: it.failure.clone(),
            version: it.version,
        }
    }

    pub(crate) fn manual_override(self) -> StoreResult<ManualOverride> {
        let executed = match (self.executed_at, self.confirm_by, self.undo) {
            (None, None, None) => None,
            (Some(at), Some(confirm_by), Some(undo)) => Some(Executed { at, confirm_by, undo }),
            _ => return Err(corrupt("manual_overrides.executed_at")),
        };
        Ok(ManualOverride {
            id: self.id,
            kind: self.kind,
            change: self.change,
            preview: Preview {
                organization: self.organization_id,
                target: self.target,
                subject: self.subject_user_id,
                before: self.state_before,
                after: self.state_after,
                effects: self.effects,
            },
            reason: self.reason,
            confirm_within_hours: self.confirm_within_hours,
            status: from_text(&self.status)?,
            proposed_by: self.proposed_by,
            proposed_at: self.proposed_at,
            executed,
            settled: self.settled_at.map(|at| Settled { by: self.settled_by, at }),
            failure: self.failure,
            version: self.version,
        })
    }
}

impl SupportStore<'_> {
    pub(crate) async fn lock(&mut self, id: OverrideId) -> StoreResult<Option<ManualOverride>> {
        let one = manual_overrides::table
            .find((self.tenant, id))
            .select(OverrideRow::as_select())
            .for_no_key_update();
        self.tx.row::<_, OverrideRow>(one).await?.map(OverrideRow::manual_override).transpose()
    }

    pub(crate) async fn lock_open_on(
        &mut self,
        target: &str,
        subject: Option<UserId>,
    ) -> StoreResult<Option<ManualOverride>> {
        let open = manual_overrides::table
            .filter(manual_overrides::tenant_id.eq(self.tenant))
            .filter(manual_overrides::target.eq(target.to_owned()))
            .filter(manual_overrides::subject_user_id.is_not_distinct_from(subject))
            .filter(manual_overrides::status.eq_any(OPEN))
            .select(OverrideRow::as_select())
            .for_no_key_update();
        self.tx.row::<_, OverrideRow>(open).await?.map(OverrideRow::manual_override).transpose()
    }

    pub(crate) async fn insert(&mut self, proposal: &ManualOverride) -> StoreResult<bool> {
        let insert =
            diesel::insert_into(manual_overrides::table).values(OverrideRow::of(proposal, self.tenant));
        Ok(self.tx.execute(insert.on_conflict_do_nothing()).await? > 0)
    }

    /// Stores what can change: what was proposed stays as it was.
    pub(crate) fn update(&mut self, it: &ManualOverride) {
        let row = OverrideRow::of(it, self.tenant);
        let one = manual_overrides::table.find((row.tenant_id, row.id));
        self.tx.defer(diesel::update(one).set((
            manual_overrides::status.eq(row.status),
            manual_overrides::executed_at.eq(row.executed_at),
            manual_overrides::confirm_by.eq(row.confirm_by),
            manual_overrides::settled_by.eq(row.settled_by),
            manual_overrides::settled_at.eq(row.settled_at),
            manual_overrides::undo.eq(row.undo),
            manual_overrides::failure.eq(row.failure),
            manual_overrides::version.eq(row.version),
        )));
    }

    pub(crate) fn append(&mut self, step: OverrideStep) {
        self.tx.defer(diesel::insert_into(override_steps::table).values((
            override_steps::tenant_id.eq(self.tenant),
            override_steps::override_id.eq(step.id),
            override_steps::version.eq(step.version),
            override_steps::step.eq(step.step),
            override_steps::by_user_id.eq(step.by),
            override_steps::at.eq(step.at),
            override_steps::details.eq(step.details),
        )));
    }
}
