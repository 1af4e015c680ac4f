//! A user with a role at one or more locations of a tenant.

use chrono::{DateTime, Utc};
use tryzore_kernel::{Email, OrganizationId, Phone, RoleId, UserId};

/// The assignment of a role at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The location.
    pub organization: OrganizationId,
    /// The role.
    pub role: RoleId,
    /// Whether the location is the employee's primary location.
    pub is_primary: bool,
    /// When the assignment began.
    pub since: DateTime<Utc>,
    /// When the assignment ends; `None` means never. An assignment that has ended stays, to show what was held,
    /// until it is taken away or replaced.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Assignment {
    /// Whether the assignment is in force at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A person who works for a tenant. When there are assignments, exactly one is primary; each location has
/// at most one assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// The user.
    pub user: UserId,
    /// The name of the employee at this tenant, 1 to 255 characters.
    pub name: String,
    /// The email address that the tenant uses, unique in the tenant.
    pub email: Email,
    /// A phone number.
    pub phone: Option<Phone>,
    /// When the employee joined.
    pub joined_at: DateTime<Utc>,
    // Oldest first.
    assignments: Vec<Assignment>,
}

impl Employee {
    /// Creates an employee without assignments.
    #[must_use]
    pub const fn new(
        user: UserId,
        name: String,
        email: Email,
        phone: Option<Phone>,
        now: DateTime<Utc>,
    ) -> Self {
        Self { user, name, email, phone, joined_at: now, assignments: Vec::new() }
    }

    /// The employee with these assignments; `None` when they break a rule of this type.
    #[must_use]
    pub fn with_assignments(mut self, mut assignments: Vec<Assignment>) -> Option<Self> {
        assignments.sort_by_key(|assignment| (assignment.since, assignment.organization));
        self.assignments = assignments;
        self.is_sound().then_some(self)
    }

    /// The assignments, oldest first.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The assignment at `organization`.
    #[must_use]
    pub fn at(&self, organization: OrganizationId) -> Option<&Assignment> {
        self.assignments.iter().find(|assignment| assignment.organization == organization)
    }

    /// The primary location.
    #[must_use]
    pub fn home(&self) -> Option<OrganizationId> {
        self.assignments
            .iter()
            .find(|assignment| assignment.is_primary)
            .map(|assignment| assignment.organization)
    }

    /// The employee with `role` at `organization` for good, as [`Employee::assign_until`].
    #[must_use]
    pub fn assign(
        &self,
        organization: OrganizationId,
        role: RoleId,
        is_primary: bool,
        now: DateTime<Utc>,
    ) -> Self {
        self.assign_until(organization, role, is_primary, None, now)
    }

    /// The employee with `role` at `organization` until `expires_at`, in place of their previous role there. The
    /// first assignment is primary; making another one primary ends the previous one, and a primary assignment
    /// stays primary until then. The time since which they work there counts on, unless the role had ended.
    #[must_use]
    pub fn assign_until(
        &self,
        organization: OrganizationId,
        role: RoleId,
        is_primary: bool,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let mut after = self.clone();
        let was = after.at(organization).copied();
        let is_primary =
            is_primary || was.is_some_and(|assignment| assignment.is_primary) || after.home().is_none();
        if is_primary {
            after.assignments.iter_mut().for_each(|assignment| assignment.is_primary = false);
        }
        after.assignments.retain(|assignment| assignment.organization != organization);
        let is_same = |was: &Assignment| was.role == role && was.expires_at == expires_at;
        let goes_on = was.filter(|was| was.is_in_force(now) || is_same(was));
        let since = goes_on.map_or(now, |was| was.since);
        after.assignments.push(Assignment { organization, role, is_primary, since, expires_at });
        after.assignments.sort_by_key(|assignment| (assignment.since, assignment.organization));
        after
    }

    /// The employee without the role at `organization`. When that assignment was primary, the oldest
    /// remaining one becomes primary.
    #[must_use]
    pub fn unassign(&self, organization: OrganizationId) -> Self {
        let mut after = self.clone();
        after.assignments.retain(|assignment| assignment.organization != organization);
        if after.home().is_none()
            && let Some(oldest) = after.assignments.first_mut()
        {
            oldest.is_primary = true;
        }
        after
    }

    fn is_sound(&self) -> bool {
        let primaries = self.assignments.iter().filter(|assignment| assignment.is_primary).count();
        let mut tree: Vec<_> = self.assignments.iter().map(|assignment| assignment.organization).collect();
        tree.sort_unstable();
        tree.dedup();
        primaries == self.assignments.len().min(1) && tree.len() == self.assignments.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;
    use proptest::prelude::*;

    fn employee() -> Employee {
        Employee::new(UserId::generate(NOW), "Ada".into(), "ada@example.com".parse().unwrap(), None, NOW)
    }

    #[test]
    fn ten_06_the_first_location_is_primary_until_another_one_is() {
        let (role, [a, b]) = (RoleId::generate(NOW), [(); 2].map(|()| OrganizationId::generate(NOW)));
        let both = employee().assign(a, role, false, NOW).assign(b, role, false, NOW);
        assert_eq!(both.home(), Some(a));
        assert_eq!(both.assign(b, role, true, NOW).home(), Some(b));
        assert_eq!(
            both.assign(a, RoleId::generate(NOW), false, NOW).home(),
            Some(a),
            "another role, same home"
        );
        assert_eq!(both.unassign(a).home(), Some(b));
        assert_eq!(both.unassign(a).unassign(b).home(), None);
    }

    proptest! {
        #[test]
        fn ten_06_exactly_one_assignment_is_primary_after_any_steps(steps in prop::collection::vec((0_usize..4, any::<bool>(), any::<bool>()), 0..40)) {
            let tree = [(); 4].map(|()| OrganizationId::generate(NOW));
            let mut employee = employee();
            for (place, adds, is_primary) in steps {
                employee = match adds {
                    true => employee.assign(tree[place], RoleId::generate(NOW), is_primary, NOW),
                    false => employee.unassign(tree[place]),
                };
                prop_assert!(employee.is_sound());
            }
        }
    }
}
