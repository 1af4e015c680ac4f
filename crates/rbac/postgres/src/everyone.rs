//! What everyone holds who works for a tenant, in a constant number of statements.

use crate::{RbacStore, holdings::own};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, UserId};
use tryzore_postgres::column::{from_text, parsed};
use tryzore_rbac::{
    Assignment, Holdings, Override, Pattern,
    manage::{EmployeeHoldings, HoldingsStore, RoleScope},
};
use tryzore_schema::{
    rbac::{assignments, overrides, role_permissions, roles},
    tenancy::{employees, owner_accounts, owner_organizations},
};

type OverrideColumns = (UserId, String, String, Option<OrganizationId>, Option<DateTime<Utc>>);
type AssignmentColumns = (UserId, OrganizationId, RoleId, String, String, Option<DateTime<Utc>>);
type Assigned = ((RoleId, String, Vec<Pattern>), UserId, OrganizationId, RoleScope, Option<DateTime<Utc>>);

impl RbacStore<'_> {
    /// What everyone holds now who works at or owns a location of the tenant.
    pub(crate) async fn everyone(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        let tree = self.organization_tree().await?;
        let mut all: BTreeMap<UserId, EmployeeHoldings> = BTreeMap::new();
        let entry = |user: UserId| EmployeeHoldings {
            user,
            name: None,
            holdings: Holdings { tree: tree.clone(), ..Holdings::default() },
        };
        for (role, user, organization, scope, expires_at) in self.assigned().await? {
            let (id, name, patterns) = role;
            all.entry(user).or_insert_with(|| entry(user)).holdings.assignments.push(Assignment {
                role: id,
                name: name.into(),
                patterns,
                scope: scope.at(organization),
                expires_at,
            });
        }
        let owners = owner_organizations::table
            .inner_join(
                owner_accounts::table.on(owner_accounts::id.eq(owner_organizations::owner_account_id)),
            )
            .filter(owner_organizations::tenant_id.eq(self.tenant))
            .select((
                owner_accounts::user_id,
                owner_organizations::organization_id,
                owner_organizations::role,
            ));
        let owners: Vec<(Option<UserId>, OrganizationId, String)> = self.tx.rows(owners).await?;
        for (user, organization, role) in owners {
            if let Some(user) = user {
                own(
                    &mut all.entry(user).or_insert_with(|| entry(user)).holdings,
                    organization,
                    from_text(&role)?,
                )?;
            }
        }
        let permission_override = overrides::table.filter(overrides::tenant_id.eq(self.tenant)).select((
            overrides::user_id,
            overrides::pattern,
            overrides::effect,
            overrides::organization_id,
            overrides::expires_at,
        ));
        let permission_override: Vec<OverrideColumns> = self.tx.rows(permission_override).await?;
        for (user, pattern, effect, organization, expires_at) in permission_override {
            if let Some(staff) = all.get_mut(&user) {
                staff.holdings.overrides.push(Override {
                    pattern: parsed("overrides.pattern", &pattern)?,
                    effect: from_text(&effect)?,
                    organization,
                    expires_at,
                });
            }
        }
        let names = employees::table
            .filter(employees::tenant_id.eq(self.tenant))
            .select((employees::user_id, employees::name));
        for (user, name) in self.tx.rows::<_, (UserId, String)>(names).await? {
            if let Some(staff) = all.get_mut(&user) {
                staff.name = Some(name);
            }
        }
        let now = self.now;
        let held = all.into_values();
        Ok(held.map(|staff| EmployeeHoldings { holdings: staff.holdings.as_of(now), ..staff }).collect())
    }

    async fn assigned(&mut self) -> StoreResult<Vec<Assigned>> {
        let held = role_permissions::table
            .filter(role_permissions::tenant_id.eq(self.tenant))
            .select((role_permissions::role_id, role_permissions::pattern));
        let mut of_role: BTreeMap<RoleId, Vec<Pattern>> = BTreeMap::new();
        for (role, pattern) in self.tx.rows::<_, (RoleId, String)>(held).await? {
            of_role.entry(role).or_default().push(parsed("role_permissions.pattern", &pattern)?);
        }
        let held = assignments::table
            .inner_join(
                roles::table
                    .on(roles::tenant_id.eq(assignments::tenant_id).and(roles::id.eq(assignments::role_id))),
            )
            .filter(assignments::tenant_id.eq(self.tenant))
            .select((
                assignments::user_id,
                assignments::organization_id,
                roles::id,
                roles::name,
                roles::scope,
                assignments::expires_at,
            ));
        let rows: Vec<AssignmentColumns> = self.tx.rows(held).await?;
        rows.into_iter()
            .map(|(user, organization, role, name, scope, expires_at)| {
                let patterns = of_role.get(&role).cloned().unwrap_or_default();
                Ok(((role, name, patterns), user, organization, from_text(&scope)?, expires_at))
            })
            .collect()
    }
}
