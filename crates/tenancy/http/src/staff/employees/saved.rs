//! The part of an employee that the caller may see.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Email, OrganizationId, Phone, RoleId, UserId};
use tryzore_rbac::{Permit, catalogue::ManageStaff};
use tryzore_tenancy::staff::{Assignment, Employee};
use utoipa::ToSchema;

/// An employee.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmployeeView {
    /// The user.
    user: UserId,
    /// The name of the employee.
    name: String,
    /// The e-mail address that the tenant uses.
    email: Email,
    /// A phone number.
    phone: Option<Phone>,
    /// When the employee joined.
    joined_at: DateTime<Utc>,
    /// The roles at the locations where you manage staff, oldest first.
    assignments: Vec<RoleThere>,
}

/// A role at a location.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleThere {
    /// The location.
    organization: OrganizationId,
    /// The role.
    role: RoleId,
    /// Whether this is the primary location of the employee.
    is_primary: bool,
    /// When the role was assigned.
    since: DateTime<Utc>,
    /// When the role ends; null for good.
    expires_at: Option<DateTime<Utc>>,
}

impl From<&Assignment> for RoleThere {
    fn from(assignment: &Assignment) -> Self {
        Self {
            organization: assignment.organization,
            role: assignment.role,
            is_primary: assignment.is_primary,
            since: assignment.since,
            expires_at: assignment.expires_at,
        }
    }
}

impl EmployeeView {
    /// The part of `employee` that `permit` covers; `None` if they work at other locations only.
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
