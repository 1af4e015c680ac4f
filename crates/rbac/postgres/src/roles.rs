//! Storing roles and overrides.

use crate::RbacStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, UserId, id::uuid_at};
use tryzore_postgres::column::{from_text, parsed};
use tryzore_rbac::{
    Effect, Pattern,
    manage::{OverrideStore, PermissionOverride, Role, RoleStore},
};
use tryzore_schema::{
    rbac::{assignments, overrides, role_permissions, roles},
    tenancy::invitations,
};

#[derive(HasQuery)]
#[diesel(table_name = roles)]
struct RoleRow {
    id: RoleId,
    preset: Option<String>,
    name: String,
    description: String,
    scope: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl RbacStore<'_> {
    async fn role(&mut self, row: Option<RoleRow>) -> StoreResult<Option<Role>> {
        let Some(row) = row else { return Ok(None) };
        let held = role_permissions::table
            .filter(role_permissions::tenant_id.eq(self.tenant))
            .filter(role_permissions::role_id.eq(row.id))
            .select(role_permissions::pattern)
            .order(role_permissions::pattern);
        let held: Vec<String> = self.tx.rows(held).await?;
        let patterns = held.iter().map(|text| parsed("role_permissions.pattern", text));
        Ok(Some(Role {
            id: row.id,
            preset: row.preset,
            name: row.name,
            description: row.description,
            scope: from_text(&row.scope)?,
            patterns: patterns.collect::<StoreResult<_>>()?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }))
    }

    fn permissions_insert(&mut self, role: &Role) {
        let rows: Vec<_> = role
            .patterns
            .iter()
            .map(|pattern| {
                (
                    role_permissions::tenant_id.eq(self.tenant),
                    role_permissions::role_id.eq(role.id),
                    role_permissions::pattern.eq(pattern.as_str().to_owned()),
                )
            })
            .collect();
        for row in rows {
            self.tx.defer(diesel::insert_into(role_permissions::table).values(row));
        }
    }

    fn permissions_delete(&mut self, role: RoleId) {
        let held = role_permissions::table
            .filter(role_permissions::tenant_id.eq(self.tenant))
            .filter(role_permissions::role_id.eq(role));
        self.tx.defer(diesel::delete(held));
    }
}

impl RoleStore for RbacStore<'_> {
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        let of_id = RoleRow::query().filter(roles::tenant_id.eq(self.tenant)).filter(roles::id.eq(id));
        let row = self.tx.row(of_id).await?;
        self.role(row).await
    }

    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>> {
        let of_preset = RoleRow::query()
            .filter(roles::tenant_id.eq(self.tenant))
            .filter(roles::preset.eq(preset.to_owned()));
        let row = self.tx.row(of_preset).await?;
        self.role(row).await
    }

    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        let of_id = RoleRow::query().filter(roles::tenant_id.eq(self.tenant)).filter(roles::id.eq(id));
        let row = self.tx.row(of_id.for_update()).await?;
        self.role(row).await
    }

    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        let of_id = RoleRow::query().filter(roles::tenant_id.eq(self.tenant)).filter(roles::id.eq(id));
        let row = self.tx.row(of_id.for_share()).await?;
        self.role(row).await
    }

    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool> {
        let insert = diesel::insert_into(roles::table).values((
            roles::tenant_id.eq(self.tenant),
            roles::id.eq(role.id),
            roles::preset.eq(role.preset.clone()),
            roles::name.eq(role.name.clone()),
            roles::description.eq(role.description.clone()),
            roles::scope.eq(role.scope.as_str()),
            roles::is_editable.eq(role.preset.is_none()),
            roles::version.eq(role.version),
            roles::created_at.eq(role.created_at),
            roles::updated_at.eq(role.updated_at),
        ));
        if self.tx.execute(insert.on_conflict_do_nothing()).await? == 0 {
            return Ok(false);
        }
        self.permissions_insert(role);
        Ok(true)
    }

    async fn role_update(&mut self, role: &Role) -> StoreResult<bool> {
        let namesake = roles::table
            .filter(roles::tenant_id.eq(self.tenant))
            .filter(roles::id.ne(role.id))
            .filter(lower(roles::name).eq(lower(role.name.clone())))
            .select(roles::id);
        if self.tx.row::<_, RoleId>(namesake).await?.is_some() {
            return Ok(false);
        }
        let of_id = roles::table.filter(roles::tenant_id.eq(self.tenant)).filter(roles::id.eq(role.id));
        self.tx.defer(diesel::update(of_id).set((
            roles::name.eq(role.name.clone()),
            roles::description.eq(role.description.clone()),
            roles::scope.eq(role.scope.as_str()),
            roles::version.eq(role.version),
            roles::updated_at.eq(role.updated_at),
        )));
        self.permissions_delete(role.id);
        self.permissions_insert(role);
        Ok(true)
    }

    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()> {
        self.permissions_delete(id);
        let of_id = roles::table.filter(roles::tenant_id.eq(self.tenant)).filter(roles::id.eq(id));
        self.tx.defer(diesel::delete(of_id));
        Ok(())
    }

    async fn role_holders(&mut self, id: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>> {
        let of_role = assignments::table
            .filter(assignments::tenant_id.eq(self.tenant))
            .filter(assignments::role_id.eq(id))
            .select((assignments::user_id, assignments::organization_id));
        self.tx.rows(of_role).await
    }

    async fn role_offers(&mut self, id: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>> {
        let of_role = invitations::table
            .filter(invitations::tenant_id.eq(self.tenant))
            .filter(invitations::role_id.eq(id))
            .filter(invitations::status.eq("pending"))
            .select(invitations::organization_ids);
        self.tx.rows(of_role).await
    }
}

diesel::define_sql_function! {
    /// SQL `lower`, as in the index on names.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

impl OverrideStore for RbacStore<'_> {
    async fn override_put(&mut self, permission_override: &PermissionOverride) -> StoreResult<()> {
        self.override_delete(
            permission_override.user,
            &permission_override.pattern,
            permission_override.organization,
        )
        .await?;
        self.tx.defer(diesel::insert_into(overrides::table).values((
            overrides::tenant_id.eq(self.tenant),
            overrides::user_id.eq(permission_override.user),
            overrides::id.eq(uuid_at(permission_override.created_at)),
            overrides::pattern.eq(permission_override.pattern.as_str().to_owned()),
            overrides::effect.eq(match permission_override.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            }),
            overrides::organization_id.eq(permission_override.organization),
            overrides::reason.eq(permission_override.reason.clone()),
            overrides::created_at.eq(permission_override.created_at),
            overrides::expires_at.eq(permission_override.expires_at),
        )));
        Ok(())
    }

    async fn override_delete(
        &mut self,
        user: UserId,
        pattern: &Pattern,
        organization: Option<OrganizationId>,
    ) -> StoreResult<bool> {
        let known = overrides::table
            .filter(overrides::tenant_id.eq(self.tenant))
            .filter(overrides::user_id.eq(user))
            .filter(overrides::pattern.eq(pattern.as_str().to_owned()))
            .filter(overrides::organization_id.is_not_distinct_from(organization));
        Ok(self.tx.execute(diesel::delete(known)).await? > 0)
    }
}
