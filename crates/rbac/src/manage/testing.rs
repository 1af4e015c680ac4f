//! A tenant with locations and roles in memory, for the tests of this module.

use super::{EmployeeHoldings, HoldingsStore, OverrideStore, PermissionOverride, Role, RoleStore};
use crate::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Override, Pattern, Permit, catalogue::ManageRoles,
    preset::PRESETS,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tryzore_kernel::{
    AuditEntry, Decision, Journal, OrganizationId, Published, RoleId, SessionId, StoreResult, TenantId,
    UserId,
};

pub(crate) const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// The test tenant: Region above Main and Downtown, and Westside by itself. It implements the ports of a
/// transaction.
pub(crate) struct TestTenant {
    pub(crate) region: OrganizationId,
    pub(crate) main: OrganizationId,
    pub(crate) downtown: OrganizationId,
    pub(crate) westside: OrganizationId,
    pub(crate) roles: Vec<Role>,
    pub(crate) assigned: Vec<(UserId, RoleId, OrganizationId)>,
    pub(crate) owners: Vec<(UserId, OrganizationId)>,
    pub(crate) overrides: Vec<PermissionOverride>,
    pub(crate) offers: Vec<(RoleId, OrganizationId)>,
    pub(crate) published: Vec<Published>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) audit: Vec<AuditEntry>,
}

impl TestTenant {
    pub(crate) fn new() -> Self {
        let location = || OrganizationId::generate(NOW);
        Self {
            region: location(),
            main: location(),
            downtown: location(),
            westside: location(),
            roles: PRESETS.iter().map(|preset| Role::from_preset(preset, NOW)).collect(),
            assigned: Vec::new(),
            owners: Vec::new(),
            overrides: Vec::new(),
            offers: Vec::new(),
            published: Vec::new(),
            decisions: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// Adds an employee who has the role `name` at `at`.
    pub(crate) fn hire(&mut self, name: &str, at: OrganizationId) -> UserId {
        let user = UserId::generate(NOW);
        let known = |role: &&Role| role.preset.as_deref() == Some(name) || role.name == name;
        let role = self.roles.iter().find(known).unwrap().id;
        self.assigned.push((user, role, at));
        user
    }

    /// Adds a user who owns `at`.
    pub(crate) fn owner(&mut self, at: &[OrganizationId]) -> UserId {
        let user = self.hire("enterprise_owner", at[0]);
        self.owners.extend(at.iter().map(|at| (user, *at)));
        user
    }

    pub(crate) fn grants(&self, user: UserId) -> Arc<Grants> {
        let actor = Actor::User { user, session: SessionId::generate(NOW) };
        Grants::compile(actor, TenantId::generate(NOW), None, &self.holdings(user))
    }

    /// The grants of a new employee who has the role `name` at `at`.
    pub(crate) fn grants_of(&self, name: &str, at: OrganizationId) -> Arc<Grants> {
        let mut chain = Self { roles: self.roles.clone(), ..Self::new() };
        (chain.region, chain.main, chain.downtown, chain.westside) =
            (self.region, self.main, self.downtown, self.westside);
        let user = chain.hire(name, at);
        chain.grants(user)
    }

    pub(crate) fn manager(&self, user: UserId) -> Permit<ManageRoles> {
        self.grants(user).permit().unwrap()
    }

    pub(crate) fn tree(&self) -> Vec<OrganizationNode> {
        let node = |organization, parent| OrganizationNode { organization, parent };
        vec![
            node(self.region, None),
            node(self.main, Some(self.region)),
            node(self.downtown, Some(self.region)),
            node(self.westside, None),
        ]
    }

    pub(crate) fn holdings(&self, user: UserId) -> Holdings {
        let mine = self.assigned.iter().filter(|(who, ..)| *who == user);
        let assignments = mine.map(|(_, role, at)| {
            let role = self.roles.iter().find(|known| known.id == *role).unwrap();
            Assignment {
                role: role.id,
                name: role.name.as_str().into(),
                patterns: role.patterns.clone(),
                scope: role.scope.at(*at),
                expires_at: None,
            }
        });
        let overrides = self.overrides.iter().filter(|o| o.user == user).map(|o| Override {
            pattern: o.pattern.clone(),
            effect: o.effect,
            organization: o.organization,
            expires_at: o.expires_at,
        });
        Holdings {
            tree: self.tree(),
            owned: self.owners.iter().filter(|(who, _)| *who == user).map(|(_, at)| *at).collect(),
            assignments: assignments.collect(),
            overrides: overrides.collect(),
            ..Holdings::default()
        }
    }

    /// The users about whom `rbac.grants_changed` was published.
    pub(crate) fn changed(&self) -> Vec<UserId> {
        let events = self.published.iter().filter(|event| event.kind == "rbac.grants_changed");
        events.filter_map(|event| event.subject).collect()
    }
}

impl RoleStore for TestTenant {
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        Ok(self.roles.iter().find(|role| role.id == id).cloned())
    }

    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>> {
        Ok(self.roles.iter().find(|role| role.preset.as_deref() == Some(preset)).cloned())
    }

    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.role_find(id).await
    }

    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.role_find(id).await
    }

    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool> {
        let free = !self.roles.iter().any(|known| known.name.eq_ignore_ascii_case(&role.name));
        if free {
            self.roles.push(role.clone());
        }
        Ok(free)
    }

    async fn role_update(&mut self, role: &Role) -> StoreResult<bool> {
        let taken =
            self.roles.iter().any(|known| known.id != role.id && known.name.eq_ignore_ascii_case(&role.name));
        if !taken {
            *self.roles.iter_mut().find(|known| known.id == role.id).unwrap() = role.clone();
        }
        Ok(!taken)
    }

    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()> {
        self.roles.retain(|role| role.id != id);
        Ok(())
    }

    async fn role_holders(&mut self, id: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>> {
        let holders = self.assigned.iter().filter(|(_, role, _)| *role == id);
        Ok(holders.map(|(user, _, at)| (*user, *at)).collect())
    }

    async fn role_offers(&mut self, id: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>> {
        Ok(self.offers.iter().filter(|(role, _)| *role == id).map(|(_, at)| vec![*at]).collect())
    }
}

impl OverrideStore for TestTenant {
    async fn override_put(&mut self, permission_override: &PermissionOverride) -> StoreResult<()> {
        self.override_delete(
            permission_override.user,
            &permission_override.pattern,
            permission_override.organization,
        )
        .await?;
        self.overrides.push(permission_override.clone());
        Ok(())
    }

    async fn override_delete(
        &mut self,
        user: UserId,
        pattern: &Pattern,
        organization: Option<OrganizationId>,
    ) -> StoreResult<bool> {
        let before = self.overrides.len();
        self.overrides.retain(|o| (o.user, &o.pattern, o.organization) != (user, pattern, organization));
        Ok(self.overrides.len() < before)
    }
}

impl HoldingsStore for TestTenant {
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        Ok(self.tree())
    }

    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings> {
        Ok(self.holdings(user))
    }

    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>> {
        let offered = self.offers.iter().map(|(role, at)| {
            let role = self.roles.iter().find(|known| known.id == *role).unwrap();
            let scope = role.scope.at(*at);
            Assignment {
                role: role.id,
                name: role.name.as_str().into(),
                patterns: role.patterns.clone(),
                scope,
                expires_at: None,
            }
        });
        Ok(offered.collect())
    }

    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        let users = self.assigned.iter().map(|(user, ..)| *user);
        Ok(users.map(|user| EmployeeHoldings { user, name: None, holdings: self.holdings(user) }).collect())
    }
}

impl Journal for TestTenant {
    fn event_publish(&mut self, event: Published) {
        self.published.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}
