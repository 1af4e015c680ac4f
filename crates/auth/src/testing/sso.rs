//! Single sign-on, in memory.

use super::Memory;
use crate::{
    SsoLink, SsoLinks, SsoReports, SsoSettings,
    sso::{ConnectionState, DomainState, SsoChange},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{OrganizationId, SessionId, StoreResult, TenantId};

impl SsoLinks for Memory {
    async fn sso_link_find(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>> {
        Ok(self.sso.iter().find(|link| link.tenant == tenant).cloned())
    }
    async fn sso_link_of(&mut self, provider_organization: &str) -> StoreResult<Option<SsoLink>> {
        Ok(self.sso.iter().find(|link| link.provider_organization == provider_organization).cloned())
    }
    async fn sso_link_by_domain(&mut self, domain: &str) -> StoreResult<Option<SsoLink>> {
        let has = |link: &&SsoLink| link.active().is_some() && link.verified().any(|one| one == domain);
        Ok(self.sso.iter().find(has).cloned())
    }
    async fn sso_sign_in_insert(
        &mut self,
        session: SessionId,
        _: TenantId,
        provider_organization: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.sso_sign_ins.push((session, provider_organization.to_owned(), now));
        Ok(())
    }
}

impl SsoReports for Memory {
    async fn sso_change_save(
        &mut self,
        tenant: TenantId,
        change: &SsoChange,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        let key = match change {
            SsoChange::Connection(connection) => connection.id.clone(),
            SsoChange::Domain(domain) => domain.name.clone(),
        };
        let known = self.sso_changes.entry(key.clone()).or_insert(at);
        let Some(link) = self.sso.iter_mut().find(|link| link.tenant == tenant && *known <= at) else {
            return Ok(());
        };
        *known = at;
        link.connections.retain(|connection| connection.id != key);
        link.domains.retain(|domain| domain.name != key);
        match change {
            SsoChange::Connection(it) if it.state != ConnectionState::Deleted => {
                link.connections.push(it.clone())
            }
            SsoChange::Domain(it) if it.state != DomainState::Deleted => link.domains.push(it.clone()),
            SsoChange::Connection(_) | SsoChange::Domain(_) => {}
        }
        Ok(())
    }
}

impl SsoSettings for Memory {
    async fn sso_link_lock(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>> {
        self.sso_link_find(tenant).await
    }
    async fn sso_link_save(&mut self, link: &SsoLink) -> StoreResult<()> {
        self.sso_link_delete(link.tenant).await?;
        self.sso.push(link.clone());
        Ok(())
    }
    async fn sso_policy_save(&mut self, link: &SsoLink) -> StoreResult<()> {
        self.sso_link_save(link).await
    }
    async fn sso_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        Ok(self.locations.clone())
    }
    async fn sso_link_delete(&mut self, tenant: TenantId) -> StoreResult<()> {
        self.sso.retain(|link| link.tenant != tenant);
        Ok(())
    }
    async fn sso_sign_in_find(
        &mut self,
        session: SessionId,
        provider_organization: &str,
    ) -> StoreResult<Option<DateTime<Utc>>> {
        let is_it =
            |one: &&(SessionId, String, DateTime<Utc>)| one.0 == session && one.1 == provider_organization;
        Ok(self.sso_sign_ins.iter().find(is_it).map(|one| one.2))
    }
}
