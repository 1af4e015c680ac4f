//! What tenants require of second factors.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Bool, Integer, Jsonb, Nullable, Timestamptz, Uuid},
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use tryzore_auth::{FactorPolicies, FactorPolicy, FactorRules, FactorSubject};
use tryzore_kernel::{OrganizationId, RoleId, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{corrupt, document, json},
    scopes::NoTenant,
    statement,
};
use tryzore_rbac::{Slug, StepUp, manage::HoldingsStore};
use tryzore_rbac_postgres::Rbac;
use tryzore_schema::{identity::factor_policies, rbac::roles};

statement! {
    /// Runs whenever a session loads, so one statement reads the policy and what it asks about the user.
    struct ReadRules { tenant: TenantId => Uuid, user: UserId => Uuid }
    "SELECT p.everyone_since, p.roles, p.grace_days, p.step_up, p.version, p.updated_at,
            EXISTS (SELECT FROM identity.factors f
                    WHERE f.user_id = $2 AND f.confirmed_at IS NOT NULL) AS has_factor,
            coalesce((SELECT e.joined_at FROM tenancy.employees e
                      WHERE e.tenant_id = $1 AND e.user_id = $2),
                     (SELECT min(a.created_at) FROM rbac.assignments a
                      WHERE a.tenant_id = $1 AND a.user_id = $2)) AS joined_at,
            coalesce((SELECT jsonb_agg(jsonb_build_object('role', a.role_id, 'since', a.created_at))
                      FROM rbac.assignments a
                      WHERE a.tenant_id = $1 AND a.user_id = $2), '[]') AS held
     FROM identity.factor_policies p WHERE p.tenant_id = $1"
}

statement! {
    /// An upsert that changes nothing locks the row whether or not it existed before.
    struct LockPolicy { tenant: TenantId => Uuid }
    "INSERT INTO identity.factor_policies AS p (tenant_id) VALUES ($1)
     ON CONFLICT (tenant_id) DO UPDATE SET version = p.version
     RETURNING p.everyone_since, p.roles, p.grace_days, p.step_up, p.version, p.updated_at"
}

#[derive(Queryable, Selectable, QueryableByName, AsChangeset)]
#[diesel(table_name = factor_policies, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
struct PolicyRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    everyone_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    roles: Value,
    #[diesel(sql_type = Integer)]
    grace_days: i32,
    #[diesel(sql_type = Jsonb)]
    step_up: Value,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    updated_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct RulesRow {
    #[diesel(embed)]
    policy: PolicyRow,
    #[diesel(sql_type = Bool)]
    has_factor: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    joined_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    held: Value,
}

#[derive(Deserialize)]
struct HeldDocument {
    role: RoleId,
    since: DateTime<Utc>,
}

impl PolicyRow {
    fn of(policy: &FactorPolicy) -> StoreResult<Self> {
        let roles: BTreeMap<String, DateTime<Utc>> =
            policy.roles.iter().map(|(role, since)| (role.uuid().to_string(), *since)).collect();
        let step_up: BTreeMap<&str, u16> =
            policy.step_up.rules().iter().map(|(slug, minutes)| (slug.as_str(), *minutes)).collect();
        Ok(Self {
            everyone_since: policy.everyone_since,
            roles: json(&roles)?,
            grace_days: policy.grace_days,
            step_up: json(&step_up)?,
            version: policy.version,
            updated_at: policy.updated_at,
        })
    }

    fn policy(self) -> StoreResult<FactorPolicy> {
        let step_up: BTreeMap<String, u16> = document("factor_policies.step_up", self.step_up)?;
        let rule = |(text, minutes): (String, u16)| {
            let slug = Slug::find(&text).ok_or_else(|| corrupt("factor_policies.step_up"))?;
            Ok::<_, StoreError>((slug, minutes))
        };
        Ok(FactorPolicy {
            everyone_since: self.everyone_since,
            roles: document("factor_policies.roles", self.roles)?,
            grace_days: self.grace_days,
            step_up: StepUp::new(step_up.into_iter().map(rule).collect::<StoreResult<_>>()?),
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

impl RulesRow {
    fn rules(self) -> StoreResult<(FactorPolicy, FactorSubject)> {
        let held: Vec<HeldDocument> = document("assignments", self.held)?;
        let subject = FactorSubject {
            has_factor: self.has_factor,
            joined_at: self.joined_at,
            roles: held.into_iter().map(|held| (held.role, held.since)).collect(),
        };
        Ok((self.policy.policy()?, subject))
    }
}

impl FactorRules for AuthStore<'_, NoTenant> {
    async fn factor_rules_find(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> StoreResult<Option<(FactorPolicy, FactorSubject)>> {
        let read = self.tx.within(tenant, async |tx| tx.row(ReadRules { tenant, user }).await);
        let row: Option<RulesRow> = read.await?;
        row.map(RulesRow::rules).transpose()
    }
}

impl FactorPolicies for AuthStore<'_> {
    async fn factor_policy_find(&mut self) -> StoreResult<FactorPolicy> {
        let row = self.tx.row(factor_policies::table.find(self.tenant).select(PolicyRow::as_select()));
        row.await?.map_or_else(|| Ok(FactorPolicy::default()), PolicyRow::policy)
    }

    async fn factor_policy_lock(&mut self) -> StoreResult<FactorPolicy> {
        let row: Option<PolicyRow> = self.tx.row(LockPolicy { tenant: self.tenant }).await?;
        row.ok_or_else(|| corrupt("factor_policies"))?.policy()
    }

    async fn factor_policy_save(&mut self, policy: &FactorPolicy) -> StoreResult<()> {
        let one = factor_policies::table.find(self.tenant);
        self.tx.defer(diesel::update(one).set(PolicyRow::of(policy)?));
        Ok(())
    }

    async fn factor_policy_roles(&mut self, ids: &[RoleId]) -> StoreResult<Vec<RoleId>> {
        let query = roles::table
            .filter(roles::tenant_id.eq(self.tenant))
            .filter(roles::id.eq_any(ids.to_vec()))
            .select(roles::id);
        self.tx.rows(query).await
    }

    async fn factor_policy_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        let tree = self.rbac().organization_tree().await?;
        Ok(tree.into_iter().map(|node| node.organization).collect())
    }
}
