//! Reading what people hold in a tenant.
//!
//! One statement reads everything that decides what one person may do, because the statement runs whenever
//! a session loads: [`AuthTx::holdings_load`] runs it in a transaction without a tenant, and
//! [`HoldingsStore::holdings_of`] in a transaction of a tenant.

use crate::RbacStore;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use serde::Deserialize;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{document, from_text, parsed},
    scopes::NoTenant,
    statement,
    tx::Tx,
};
use tryzore_rbac::{
    Assignment, Effect, Holdings, OrganizationNode, Override, Pattern, Scope,
    manage::{EmployeeHoldings, HoldingsStore, RoleScope},
    preset::OWNER_VIEWER,
};
use tryzore_schema::tenancy::organizations;
use tryzore_tenancy::OwnerRole;
use uuid::Uuid;

statement! {
    struct ReadHoldings { tenant: TenantId => sql_types::Uuid, user: UserId => sql_types::Uuid }
    "SELECT
         EXISTS (SELECT FROM tenancy.tenants t WHERE t.id = $1 AND t.status = 'active') AS is_open,
         EXISTS (SELECT FROM crm.clients c
                 WHERE c.tenant_id = $1 AND c.user_id = $2 AND c.status = 'active') AS is_client,
         coalesce((SELECT jsonb_agg(jsonb_build_object('organization', o.id, 'parent', o.parent_id) ORDER BY o.id)
                   FROM tenancy.organizations o
                   WHERE o.tenant_id = $1 AND o.status <> 'closed'), '[]') AS tree,
         coalesce((SELECT jsonb_agg(jsonb_build_object('organization', oo.organization_id, 'role', oo.role))
                   FROM tenancy.owner_accounts oa
                   JOIN tenancy.owner_organizations oo ON oo.tenant_id = $1 AND oo.owner_account_id = oa.id
                   WHERE oa.user_id = $2), '[]') AS owned,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'role', r.id, 'name', r.name, 'scope', r.scope, 'organization', a.organization_id,
                       'expires_at', a.expires_at,
                       'patterns', (SELECT coalesce(jsonb_agg(p.pattern), '[]') FROM rbac.role_permissions p
                                    WHERE p.tenant_id = $1 AND p.role_id = r.id)) ORDER BY a.organization_id)
                   FROM rbac.assignments a
                   JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id
                   WHERE a.tenant_id = $1 AND a.user_id = $2), '[]') AS assignments,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'pattern', v.pattern, 'effect', v.effect, 'organization', v.organization_id,
                       'expires_at', v.expires_at))
                   FROM rbac.overrides v
                   WHERE v.tenant_id = $1 AND v.user_id = $2), '[]') AS overrides"
}

statement! {
    /// The same in each of several tenants.
    struct ReadHoldingsIn { tenants: Vec<TenantId> => sql_types::Array<sql_types::Uuid>, user: UserId => sql_types::Uuid }
    "SELECT tenant_id, is_open, is_client, tree, owned, assignments, overrides FROM rbac.holdings_in($1, $2)"
}

statement! {
    struct ListOffers { tenant: TenantId => sql_types::Uuid }
    "SELECT r.id AS role, r.name, r.scope, at.organization, i.role_expires_at,
            (SELECT coalesce(array_agg(p.pattern), '{}') FROM rbac.role_permissions p
             WHERE p.tenant_id = $1 AND p.role_id = r.id) AS patterns
     FROM tenancy.invitations i
     JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = i.role_id
     CROSS JOIN unnest(i.organization_ids) AS at (organization)
     WHERE i.tenant_id = $1 AND i.status = 'pending'"
}

#[derive(QueryableByName)]
struct OfferRow {
    #[diesel(sql_type = sql_types::Uuid)]
    role: RoleId,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Text)]
    scope: String,
    #[diesel(sql_type = sql_types::Uuid)]
    organization: OrganizationId,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    role_expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    patterns: Vec<String>,
}

impl OfferRow {
    fn assignment(self) -> StoreResult<Assignment> {
        Ok(Assignment {
            role: self.role,
            name: self.name.into(),
            patterns: patterns(&self.patterns)?,
            scope: from_text::<RoleScope>(&self.scope)?.at(self.organization),
            expires_at: self.role_expires_at,
        })
    }
}

#[derive(QueryableByName)]
struct HoldingsRow {
    #[diesel(sql_type = sql_types::Bool)]
    is_open: bool,
    #[diesel(sql_type = sql_types::Bool)]
    is_client: bool,
    #[diesel(sql_type = sql_types::Jsonb)]
    tree: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    owned: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    assignments: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    overrides: Value,
}

/// What a user holds in a tenant to which they belong.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldIn {
    /// The tenant.
    pub tenant: TenantId,
    /// Whether the tenant is open.
    pub is_open: bool,
    /// What the user holds there.
    pub holdings: Holdings,
}

#[derive(QueryableByName)]
struct HoldingsInRow {
    #[diesel(sql_type = sql_types::Uuid)]
    tenant_id: TenantId,
    #[diesel(embed)]
    row: HoldingsRow,
}

impl HoldingsInRow {
    fn held(self, now: DateTime<Utc>) -> StoreResult<Option<HeldIn>> {
        let (tenant, is_open) = (self.tenant_id, self.row.is_open);
        let holdings = self.row.of_who_belongs(now)?;
        Ok(holdings.map(|holdings| HeldIn { tenant, is_open, holdings }))
    }
}

#[derive(Deserialize)]
struct OrganizationNodeDocument {
    organization: OrganizationId,
    parent: Option<OrganizationId>,
}

#[derive(Deserialize)]
struct OwnedDocument {
    organization: OrganizationId,
    role: OwnerRole,
}

#[derive(Deserialize)]
struct AssignmentDocument {
    role: RoleId,
    name: String,
    scope: RoleScope,
    organization: OrganizationId,
    patterns: Vec<String>,
    // Required: a statement that forgets it must not make a role last for good.
    #[serde(deserialize_with = "Option::deserialize")]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct OverrideDocument {
    pattern: String,
    effect: Effect,
    organization: Option<OrganizationId>,
    #[serde(deserialize_with = "Option::deserialize")]
    expires_at: Option<DateTime<Utc>>,
}

/// What one person holds, as documents.
pub(crate) struct HeldDocuments {
    pub(crate) owned: Value,
    pub(crate) assignments: Value,
    pub(crate) overrides: Value,
}

impl HeldDocuments {
    /// The holdings at `now` of a person who is no client, at the locations of `tree`.
    pub(crate) fn holdings(self, tree: &[OrganizationNode], now: DateTime<Utc>) -> StoreResult<Holdings> {
        let Self { owned, assignments, overrides } = self;
        let (is_open, is_client, none) = (true, false, Value::Array(Vec::new()));
        let row = HoldingsRow { is_open, is_client, tree: none, owned, assignments, overrides };
        Ok(Holdings { tree: tree.to_vec(), ..row.holdings(now)? })
    }
}

impl HoldingsRow {
    fn of_who_belongs(self, now: DateTime<Utc>) -> StoreResult<Option<Holdings>> {
        let holdings = self.holdings(now)?;
        let belongs = holdings.is_client || !holdings.assignments.is_empty() || !holdings.owned.is_empty();
        Ok(Some(holdings).filter(|_| belongs))
    }

    fn holdings(self, now: DateTime<Utc>) -> StoreResult<Holdings> {
        let tree: Vec<OrganizationNodeDocument> = document("organizations", self.tree)?;
        let owned: Vec<OwnedDocument> = document("owner_organizations", self.owned)?;
        let held: Vec<AssignmentDocument> = document("assignments", self.assignments)?;
        let permission_override: Vec<OverrideDocument> = document("overrides", self.overrides)?;
        let mut holdings = Holdings {
            tree: tree
                .into_iter()
                .map(|node| OrganizationNode { organization: node.organization, parent: node.parent })
                .collect(),
            is_client: self.is_client,
            ..Holdings::default()
        };
        for held in held {
            holdings.assignments.push(Assignment {
                role: held.role,
                name: held.name.into(),
                patterns: patterns(&held.patterns)?,
                scope: held.scope.at(held.organization),
                expires_at: held.expires_at,
            });
        }
        for owned in owned {
            own(&mut holdings, owned.organization, owned.role)?;
        }
        for permission_override in permission_override {
            holdings.overrides.push(Override {
                pattern: parsed("overrides.pattern", &permission_override.pattern)?,
                effect: permission_override.effect,
                organization: permission_override.organization,
                expires_at: permission_override.expires_at,
            });
        }
        Ok(holdings.as_of(now))
    }
}

// An owner or partner owns the location; a viewer only gets the viewer permissions there (TEN-02).
pub(crate) fn own(holdings: &mut Holdings, organization: OrganizationId, role: OwnerRole) -> StoreResult<()> {
    if role.runs_it() {
        holdings.owned.push(organization);
    } else {
        holdings.assignments.push(Assignment {
            role: RoleId::from(Uuid::nil()),
            name: "Owner (viewer)".into(),
            patterns: OWNER_VIEWER
                .iter()
                .map(|text| parsed("OWNER_VIEWER", text))
                .collect::<StoreResult<_>>()?,
            scope: Scope::Organization(organization),
            expires_at: None,
        });
    }
    Ok(())
}

fn patterns(texts: &[String]) -> StoreResult<Vec<Pattern>> {
    texts.iter().map(|text| parsed("role_permissions.pattern", text)).collect()
}

async fn read(tx: &mut Tx, tenant: TenantId, user: UserId) -> StoreResult<Option<HoldingsRow>> {
    tx.row(ReadHoldings { tenant, user }).await
}

impl RbacStore<'_, NoTenant> {
    /// What `user` holds in `tenant` now; `None` when the user does not belong to the tenant, or the tenant is
    /// not open. One round trip, together with the deferred statements.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holdings_load(&mut self, tenant: TenantId, user: UserId) -> StoreResult<Option<Holdings>> {
        let row = self.tx.within(tenant, async |tx| read(tx, tenant, user).await).await?;
        row.filter(|row| row.is_open).map_or(Ok(None), |row| row.of_who_belongs(self.now))
    }

    /// The locations of `tenant`; `None` when the tenant is not open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locations_load(&mut self, tenant: TenantId) -> StoreResult<Option<Vec<OrganizationNode>>> {
        // Nobody has an id of zeros, and the locations are read whoever asks.
        let nobody = UserId::from(Uuid::nil());
        let row = self.tx.within(tenant, async |tx| read(tx, tenant, nobody).await).await?;
        row.filter(|row| row.is_open)
            .map(|row| row.holdings(self.now).map(|holdings| holdings.tree))
            .transpose()
    }

    /// What `user` holds in those of `tenants` to which the user belongs, whether a tenant is open or not: the
    /// user has these holdings again when the tenant is reactivated. One round trip, however many tenants
    /// there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holdings_in(&mut self, tenants: Vec<TenantId>, user: UserId) -> StoreResult<Vec<HeldIn>> {
        if tenants.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<HoldingsInRow> = self.tx.rows(ReadHoldingsIn { tenants, user }).await?;
        rows.into_iter().filter_map(|row| row.held(self.now).transpose()).collect()
    }
}

impl HoldingsStore for RbacStore<'_> {
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        let open = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::status.ne("closed"))
            .select((organizations::id, organizations::parent_id))
            .order(organizations::id);
        let rows: Vec<(OrganizationId, Option<OrganizationId>)> = self.tx.rows(open).await?;
        Ok(rows.into_iter().map(|(organization, parent)| OrganizationNode { organization, parent }).collect())
    }

    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings> {
        match read(self.tx, self.tenant, user).await? {
            Some(row) => row.holdings(self.now),
            None => Ok(Holdings::default()),
        }
    }

    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>> {
        let rows: Vec<OfferRow> = self.tx.rows(ListOffers { tenant: self.tenant }).await?;
        rows.into_iter().map(OfferRow::assignment).collect()
    }

    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        self.everyone().await
    }
}
