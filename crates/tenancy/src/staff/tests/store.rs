//! The ports of the staff use cases, implemented by the test store.

use super::TestStore;
use crate::{
    Members, Tenant, Tenants, TokenHash,
    staff::{Employee, Employees, Invitation, InvitationState, Invitations, Invitee, Invitees},
    testing::NOW,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Decision, Email, InvitationId, Journal, OrganizationId, Published, RoleId, StoreResult,
    TenantId, UserId,
};
use tryzore_rbac::{
    Assignment, Holdings, OrganizationNode,
    manage::{EmployeeHoldings, HoldingsStore, Role, RoleStore},
};

impl Employees for TestStore {
    async fn employee_lock(&mut self, user: UserId) -> StoreResult<Option<Employee>> {
        Ok(self.staff.iter().find(|employee| employee.user == user).cloned())
    }

    async fn employee_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<Employee>> {
        Ok(self.staff.iter().find(|employee| employee.email == *email).cloned())
    }

    async fn employee_save(&mut self, employee: &Employee) -> StoreResult<()> {
        self.employee_delete(employee.user).await?;
        self.staff.push(employee.clone());
        Ok(())
    }

    async fn employee_delete(&mut self, user: UserId) -> StoreResult<()> {
        self.staff.retain(|employee| employee.user != user);
        Ok(())
    }

    async fn employee_owners_lock(&mut self) -> StoreResult<Vec<UserId>> {
        let owner = self.role("enterprise_owner").id;
        let owners = self.staff.iter().filter(|e| e.assignments().iter().any(|held| held.role == owner));
        Ok(owners.map(|employee| employee.user).collect())
    }
}

impl Invitations for TestStore {
    async fn invitation_insert(&mut self, invitation: &Invitation) -> StoreResult<bool> {
        let free = !self.invitations.iter().any(|known| known.email == invitation.email);
        if free {
            self.invitations.push(invitation.clone());
        }
        Ok(free)
    }

    async fn invitation_lock(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
        Ok(self.invitations.iter().find(|known| known.id == id).cloned())
    }

    async fn invitation_lock_by_token(&mut self, token: &TokenHash) -> StoreResult<Option<Invitation>> {
        Ok(self.invitations.iter().find(|known| known.token == Some(*token)).cloned())
    }

    async fn invitation_lock_pending_at(&mut self, at: OrganizationId) -> StoreResult<Vec<Invitation>> {
        let pending = |known: &&Invitation| {
            known.state == InvitationState::Pending && known.organizations.contains(&at)
        };
        Ok(self.invitations.iter().filter(pending).cloned().collect())
    }

    async fn invitation_update(&mut self, invitation: &Invitation) -> StoreResult<()> {
        *self.invitations.iter_mut().find(|known| known.id == invitation.id).unwrap() = invitation.clone();
        Ok(())
    }
}

impl Invitees for TestStore {
    async fn invitee_find(&mut self, email: &Email) -> StoreResult<Invitee> {
        let user = self.users.iter().find(|(known, _)| known == email);
        Ok(user.map_or(Invitee::Unclaimed, |(_, user)| Invitee::Active(*user)))
    }
}

impl Tenants for TestStore {
    async fn tenant_find(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        let tenant = Tenant::new(id, "Iron".into(), "a@iron.it".parse().unwrap(), NOW);
        Ok(Some(Tenant { status: self.tenant, ..tenant }))
    }

    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        self.tenant_find(id).await
    }

    async fn tenant_insert(&mut self, _: &Tenant) -> StoreResult<()> {
        Ok(())
    }

    async fn tenant_set_status(&mut self, tenant: &Tenant) -> StoreResult<()> {
        self.tenant = tenant.status;
        Ok(())
    }
}

impl Members for TestStore {
    async fn member_put(&mut self, user: UserId, home: OrganizationId, _: DateTime<Utc>) -> StoreResult<()> {
        self.member_release(user).await?;
        self.members.push((user, home));
        Ok(())
    }

    async fn member_release(&mut self, user: UserId) -> StoreResult<()> {
        self.members.retain(|(member, _)| *member != user);
        Ok(())
    }
}

impl RoleStore for TestStore {
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        Ok(self.roles.iter().find(|role| role.id == id).cloned())
    }

    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>> {
        Ok(Some(self.role(preset).clone()))
    }

    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.role_find(id).await
    }

    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.role_find(id).await
    }

    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool> {
        self.roles.push(role.clone());
        Ok(true)
    }

    async fn role_update(&mut self, role: &Role) -> StoreResult<bool> {
        *self.roles.iter_mut().find(|known| known.id == role.id).unwrap() = role.clone();
        Ok(true)
    }

    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()> {
        self.roles.retain(|role| role.id != id);
        Ok(())
    }

    async fn role_holders(&mut self, _: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>> {
        Ok(vec![])
    }

    async fn role_offers(&mut self, _: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>> {
        Ok(vec![])
    }
}

impl HoldingsStore for TestStore {
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        Ok(self.tree())
    }

    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings> {
        let employee = self.staff.iter().find(|employee| employee.user == user);
        let held = employee.map(|employee| employee.assignments().to_vec()).unwrap_or_default();
        let assignments = held.into_iter().filter_map(|held| {
            let role = self.roles.iter().find(|role| role.id == held.role)?;
            let (name, patterns) = (role.name.as_str().into(), role.patterns.clone());
            Some(Assignment { role: role.id, name, patterns, scope: role.scope.at(held.organization) })
        });
        let mut holdings = Holdings { assignments: assignments.collect(), ..Holdings::default() };
        holdings.tree = self.tree();
        holdings.owned = self.tree().iter().map(|node| node.organization).collect();
        Ok(holdings)
    }

    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>> {
        Ok(vec![])
    }

    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        Ok(vec![])
    }
}

impl Journal for TestStore {
    fn event_publish(&mut self, event: Published) {
        self.published.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.denied.push(decision);
    }

    fn audit_append(&mut self, _: AuditEntry) {}
}
