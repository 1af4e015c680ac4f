//! Storing employees with their assignments.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use tryzore_kernel::{Email, OrganizationId, RoleId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{corrupt, parsed},
    statement,
};
use tryzore_schema::{
    identity::api_keys,
    rbac::{assignments, overrides, permission_use},
    tenancy::employees,
};
use tryzore_tenancy::staff::{Assignment, Employee, Employees};

#[derive(HasQuery)]
#[diesel(table_name = employees)]
struct EmployeeRow {
    user_id: UserId,
    name: String,
    email: String,
    phone: Option<String>,
    joined_at: DateTime<Utc>,
}

#[derive(HasQuery)]
#[diesel(table_name = assignments)]
struct AssignmentRow {
    organization_id: OrganizationId,
    role_id: RoleId,
    is_primary: bool,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

statement! {
    /// Two owners who leave at the same time lock the same row; the second transaction then sees only one
    /// owner.
    struct LockOwners { tenant: TenantId => sql_types::Uuid }
    "SELECT a.user_id FROM rbac.assignments a
     JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id
     WHERE a.tenant_id = $1 AND r.preset = 'enterprise_owner' AND a.expires_at IS NULL
     ORDER BY a.user_id FOR UPDATE OF a"
}

#[derive(QueryableByName)]
struct OwnerRow {
    #[diesel(sql_type = sql_types::Uuid)]
    user_id: UserId,
}

impl TenancyStore<'_> {
    async fn employee(&mut self, row: Option<EmployeeRow>) -> StoreResult<Option<Employee>> {
        let Some(row) = row else { return Ok(None) };
        let of_user = AssignmentRow::query()
            .filter(assignments::tenant_id.eq(self.tenant))
            .filter(assignments::user_id.eq(row.user_id));
        let held: Vec<AssignmentRow> = self.tx.rows(of_user).await?;
        let held = held.into_iter().map(|row| Assignment {
            organization: row.organization_id,
            role: row.role_id,
            is_primary: row.is_primary,
            since: row.created_at,
            expires_at: row.expires_at,
        });
        let phone = row.phone.as_deref().map(|text| parsed("employees.phone", text)).transpose()?;
        let email = parsed("employees.email", &row.email)?;
        let employee = Employee::new(row.user_id, row.name, email, phone, row.joined_at);
        employee.with_assignments(held.collect()).ok_or_else(|| corrupt("assignments.is_primary")).map(Some)
    }
}

impl Employees for TenancyStore<'_> {
    async fn employee_lock(&mut self, user: UserId) -> StoreResult<Option<Employee>> {
        let of_user = EmployeeRow::query()
            .filter(employees::tenant_id.eq(self.tenant))
            .filter(employees::user_id.eq(user));
        let row = self.tx.row(of_user.for_no_key_update()).await?;
        self.employee(row).await
    }

    async fn employee_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<Employee>> {
        let of_email = EmployeeRow::query()
            .filter(employees::tenant_id.eq(self.tenant))
            .filter(employees::email.eq(email.to_string()));
        let row = self.tx.row(of_email.for_no_key_update()).await?;
        self.employee(row).await
    }

    async fn employee_save(&mut self, employee: &Employee) -> StoreResult<()> {
        let contact = (
            employees::name.eq(employee.name.clone()),
            employees::email.eq(employee.email.to_string()),
            employees::phone.eq(employee.phone.as_ref().map(ToString::to_string)),
        );
        self.tx.defer(
            diesel::insert_into(employees::table)
                .values((
                    employees::tenant_id.eq(self.tenant),
                    employees::user_id.eq(employee.user),
                    employees::joined_at.eq(employee.joined_at),
                    contact.clone(),
                ))
                .on_conflict((employees::tenant_id, employees::user_id))
                .do_update()
                .set(contact),
        );
        // All assignments are replaced, so that there are never two primary ones.
        let of_user = assignments::table
            .filter(assignments::tenant_id.eq(self.tenant))
            .filter(assignments::user_id.eq(employee.user));
        self.tx.defer(diesel::delete(of_user));
        for assignment in employee.assignments() {
            self.tx.defer(diesel::insert_into(assignments::table).values((
                assignments::tenant_id.eq(self.tenant),
                assignments::user_id.eq(employee.user),
                assignments::organization_id.eq(assignment.organization),
                assignments::role_id.eq(assignment.role),
                assignments::is_primary.eq(assignment.is_primary),
                assignments::created_at.eq(assignment.since),
                assignments::expires_at.eq(assignment.expires_at),
            )));
        }
        Ok(())
    }

    async fn employee_delete(&mut self, user: UserId) -> StoreResult<()> {
        let tenant = self.tenant;
        let held = assignments::table
            .filter(assignments::tenant_id.eq(tenant))
            .filter(assignments::user_id.eq(user));
        self.tx.defer(diesel::delete(held));
        let permission_override =
            overrides::table.filter(overrides::tenant_id.eq(tenant)).filter(overrides::user_id.eq(user));
        self.tx.defer(diesel::delete(permission_override));
        let used = permission_use::table
            .filter(permission_use::tenant_id.eq(tenant))
            .filter(permission_use::user_id.eq(user));
        self.tx.defer(diesel::delete(used));
        let issued = api_keys::table
            .filter(api_keys::tenant_id.eq(tenant))
            .filter(api_keys::issued_by.eq(user))
            .filter(api_keys::revoked_at.is_null());
        self.tx.defer(diesel::update(issued).set(api_keys::revoked_at.eq(self.now)));
        let of_user =
            employees::table.filter(employees::tenant_id.eq(tenant)).filter(employees::user_id.eq(user));
        self.tx.defer(diesel::delete(of_user));
        Ok(())
    }

    async fn employee_owners_lock(&mut self) -> StoreResult<Vec<UserId>> {
        let rows: Vec<OwnerRow> = self.tx.rows(LockOwners { tenant: self.tenant }).await?;
        let mut owners: Vec<_> = rows.into_iter().map(|row| row.user_id).collect();
        owners.dedup();
        Ok(owners)
    }
}
