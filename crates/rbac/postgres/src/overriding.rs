//! Permissions as a kind of manual overrides, and who holds which permission.

use crate::{Rbac, RbacStore};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Uuid},
};
use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tryzore_kernel::{OrganizationId, StoreResult, TenantId, UseCaseError, UserId, id::digits_of};
use tryzore_postgres::{
    TenantTx,
    column::{document, json as to_json},
    statement,
};
use tryzore_rbac::{
    Permit, Slug,
    manage::{HoldingsStore, TemporaryPermission, temporary},
};
use tryzore_support::{ManualOverride, Preview, permission::ManualOverrides};
use tryzore_support_postgres::{Asked, Found, OverrideKind, People, Search};

/// Permissions for one person at one location.
#[derive(Debug, Clone, Copy)]
pub struct PermissionKind;

/// The people of a tenant and what they hold.
#[derive(Debug, Clone, Copy)]
pub struct Holders;

statement! {
    /// Employees by the beginning of their name, by their address or by their id, once for each of their locations.
    struct FindStaff {
        tenant: TenantId => Uuid,
        text: String => Text,
        id: Option<uuid::Uuid> => Nullable<Uuid>,
        at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        rows: i64 => BigInt,
    }
    "SELECT e.user_id, e.name, a.organization_id, r.name AS role
     FROM tenancy.employees e
     JOIN rbac.assignments a ON a.tenant_id = $1 AND a.user_id = e.user_id
     JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id
     WHERE e.tenant_id = $1 AND ($4 IS NULL OR a.organization_id = ANY ($4))
       AND (e.user_id = $3 OR starts_with(lower(e.name), lower($2)) OR e.email = lower($2))
     ORDER BY lower(e.name), e.user_id, a.organization_id
     LIMIT $5"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct StaffRow {
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    role: String,
}

impl RbacStore<'_> {
    async fn staff_search(&mut self, search: &Search) -> StoreResult<Vec<Found>> {
        let find = FindStaff {
            tenant: self.tenant,
            text: search.text.clone(),
            id: search.text.rsplit('_').next().and_then(digits_of),
            at: search.organizations.clone(),
            rows: search.rows.into(),
        };
        let rows: Vec<StaffRow> = self.tx.rows(find).await?;
        let found = rows.into_iter().map(|row| Found {
            target: row.user_id.to_string(),
            organization_id: row.organization_id,
            title: row.name,
            state: json!({ "role": row.role }),
        });
        Ok(found.collect())
    }
}

fn read(asked: Asked<'_>) -> Result<(UserId, TemporaryPermission), UseCaseError> {
    let user = asked
        .target
        .parse()
        .map_err(|error: tryzore_kernel::id::IdError| UseCaseError::invalid("/target", error.to_string()))?;
    let given = TemporaryPermission::deserialize(asked.change)
        .map_err(|error| UseCaseError::invalid("/change", error.to_string()))?;
    Ok((user, given))
}

impl OverrideKind for PermissionKind {
    fn kind(&self) -> &'static str {
        "permission"
    }

    fn seen_with(&self) -> Slug {
        Slug::MANAGE_STAFF
    }

    fn search<'t>(
        &'t self,
        tx: &'t mut TenantTx,
        search: &'t Search,
    ) -> BoxFuture<'t, StoreResult<Vec<Found>>> {
        async move { tx.rbac().staff_search(search).await }.boxed()
    }

    fn preview<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        asked: Asked<'t>,
        _: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<Preview, UseCaseError>> {
        async move {
            let (user, given) = read(asked)?;
            temporary::check_temporary(permit, &mut tx.rbac(), user, &given).await?;
            let state = |held: bool| {
                json!({ "permission": given.permission, "organization_id": given.organization, "held": held })
            };
            Ok(Preview {
                organization: given.organization,
                target: user.to_string(),
                subject: Some(user),
                before: state(false),
                after: state(true),
                effects: vec![format!("The person holds `{}` at this location.", given.permission)],
            })
        }
        .boxed()
    }

    fn execute<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        asked: Asked<'t>,
        now: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<Value, UseCaseError>> {
        async move {
            let (user, given) = read(asked)?;
            temporary::give_temporary(permit, &mut tx.rbac(), user, &given, asked.reason, now).await?;
            Ok(to_json(&given)?)
        }
        .boxed()
    }

    fn revert<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        it: &'t ManualOverride,
        undo: &'t Value,
        now: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<(), UseCaseError>> {
        async move {
            let given: TemporaryPermission = document("manual_overrides.undo", undo.clone())?;
            let user = it.preview.subject.ok_or(UseCaseError::NotFound("employee"))?;
            temporary::end_temporary(permit, &mut tx.rbac(), user, &given, now).await
        }
        .boxed()
    }
}

impl People for Holders {
    fn who_hold<'t>(
        &'t self,
        tx: &'t mut TenantTx,
        slug: Slug,
        organization: OrganizationId,
    ) -> BoxFuture<'t, StoreResult<Vec<UserId>>> {
        async move {
            let everyone = tx.rbac().holdings_all().await?;
            let holds =
                everyone.into_iter().filter(|it| it.holdings.permitted_at(organization).contains(slug));
            Ok(holds.map(|it| it.user).collect())
        }
        .boxed()
    }
}
