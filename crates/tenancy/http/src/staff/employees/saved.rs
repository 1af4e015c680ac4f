//! An employee, as far as the caller sees one.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Email, OrganizationId, Phone, RoleId, UserId};
use tryzore_rbac::{Permit, catalogue::ManageStaff};
use tryzore_tenancy::staff::{Assignment, Employee};
use utoipa::ToSchema;

/// Someone who works here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmployeeView {
    /// The user.
    user: UserId,
    /// What the employee is called.
    name: String,
    /// Where the tenant writes to.
    email: Email,
    /// A phone number.
    phone: Option<Phone>,
    /// Since when.
    joined_at: DateTime<Utc>,
    /// Where the employee works as what, as far as the caller manages staff there; oldest first.
    assignments: Vec<RoleThere>,
}

/// A role at a location.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleThere {
    /// Where.
    organization: OrganizationId,
    /// As what.
    role: RoleId,
    /// Whether the employee is at home there.
    is_primary: bool,
    /// Since when.
    since: DateTime<Utc>,
}

impl From<&Assignment> for RoleThere {
    fn from(assignment: &Assignment) -> Self {
        Self {
            organization: assignment.organization,
            role: assignment.role,
            is_primary: assignment.is_primary,
            since: assignment.since,
        }
    }
}

impl EmployeeView {
    /// `employee` as the holder of `permit` sees one; none for someone who works elsewhere.
    pub(super) fn seen(employee: Employee, permit: &Permit<ManageStaff>) -> Option<Self> {
        let seen = employee.assignments().iter().filter(|at| permit.reach().covers(at.organization));
        let assignments: Vec<_> = seen.map(RoleThere::from).collect();
        (!assignments.is_empty()).then_some(Self {
            assignments,
            user: employee.user,
            name: employee.name,
            email: employee.email,
            phone: employee.phone,
            joined_at: employee.joined_at,
        })
    }
}
