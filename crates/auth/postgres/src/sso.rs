//! Single sign-on of tenants. It is looked up before a tenant is known; what changes it names the tenant.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use serde::Deserialize;
use serde_json::Value;
use tryzore_auth::{
    SsoConnection, SsoDomain, SsoLink, SsoLinks, SsoReports, SsoSettings,
    sso::{ConnectionState, DomainState, SsoChange},
};
use tryzore_kernel::{OrganizationId, SessionId, StoreResult, TenantId};
use tryzore_postgres::{
    column::{corrupt, document},
    scopes::Scope,
    statement,
};
use tryzore_rbac::manage::HoldingsStore;
use tryzore_rbac_postgres::Rbac;
use tryzore_schema::identity::{sso_connections, sso_domains, sso_links, sso_sign_ins};

macro_rules! link_where {
    ($which:literal) => {
        concat!(
            "SELECT l.tenant_id, l.provider_organization, l.required_since, l.linked_at, l.read_at, l.version,
                coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.provider_connection, 'kind', c.kind,
                              'name', c.name, 'state', c.state) ORDER BY c.provider_connection)
                          FROM identity.sso_connections c
                          WHERE c.tenant_id = l.tenant_id AND c.state <> 'deleted'), '[]') AS connections,
                coalesce((SELECT jsonb_agg(jsonb_build_object('name', d.domain, 'state', d.state)
                              ORDER BY d.domain)
                          FROM identity.sso_domains d
                          WHERE d.tenant_id = l.tenant_id AND d.state <> 'deleted'), '[]') AS domains
             FROM identity.sso_links l WHERE ",
            $which
        )
    };
}

statement! {
    struct FindLink { tenant: TenantId => Uuid }
    link_where!("l.tenant_id = $1")
}

statement! {
    struct FindLinkOf { provider_organization: String => Text }
    link_where!("l.provider_organization = $1")
}

statement! {
    /// The provider verifies a domain for one organization at a time, so the last one has it now.
    struct FindLinkByDomain { domain: String => Text }
    link_where!("l.tenant_id = (
        SELECT d.tenant_id FROM identity.sso_domains d
        JOIN tenancy.tenants t ON t.id = d.tenant_id AND t.status = 'active'
        WHERE d.domain = $1 AND d.state = 'verified'
            AND EXISTS (SELECT FROM identity.sso_connections c
                        WHERE c.tenant_id = d.tenant_id AND c.state = 'active')
        ORDER BY d.changed_at DESC, d.tenant_id LIMIT 1)")
}

statement! {
    struct SaveConnection {
        tenant: TenantId => Uuid, id: String => Text, kind: String => Text, name: String => Text,
        state: String => Text, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO identity.sso_connections AS c (tenant_id, provider_connection, kind, name, state, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, provider_connection)
     DO UPDATE SET kind = $3, name = $4, state = $5, changed_at = $6
     WHERE c.changed_at < $6 OR (c.changed_at = $6 AND $5 = 'deleted')"
}

statement! {
    struct SaveDomain {
        tenant: TenantId => Uuid, domain: String => Text, state: String => Text,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO identity.sso_domains AS d (tenant_id, domain, state, changed_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, domain) DO UPDATE SET state = $3, changed_at = $4
     WHERE d.changed_at < $4 OR (d.changed_at = $4 AND $3 = 'deleted')"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct FoundRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    provider_organization: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    required_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    linked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    read_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Jsonb)]
    connections: Value,
    #[diesel(sql_type = Jsonb)]
    domains: Value,
}

#[derive(Deserialize)]
struct ConnectionDocument {
    id: String,
    kind: String,
    name: String,
    state: String,
}

#[derive(Deserialize)]
struct DomainDocument {
    name: String,
    state: String,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sso_links, primary_key(tenant_id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct LinkRow {
    tenant_id: TenantId,
    provider_organization: String,
    required_since: Option<DateTime<Utc>>,
    linked_at: DateTime<Utc>,
    read_at: DateTime<Utc>,
    version: i32,
}

impl FoundRow {
    fn link(self) -> StoreResult<SsoLink> {
        let connections: Vec<ConnectionDocument> = document("sso_connections", self.connections)?;
        let domains: Vec<DomainDocument> = document("sso_domains", self.domains)?;
        let connection = |ConnectionDocument { id, kind, name, state }| {
            Ok(SsoConnection { id, kind, name, state: connection_state(&state)? })
        };
        let domain = |DomainDocument { name, state }| Ok(SsoDomain { name, state: domain_state(&state)? });
        Ok(SsoLink {
            tenant: self.tenant_id,
            provider_organization: self.provider_organization,
            required_since: self.required_since,
            linked_at: self.linked_at,
            read_at: self.read_at,
            version: self.version,
            connections: connections.into_iter().map(connection).collect::<StoreResult<_>>()?,
            domains: domains.into_iter().map(domain).collect::<StoreResult<_>>()?,
        })
    }
}

impl LinkRow {
    fn of(link: &SsoLink) -> Self {
        Self {
            tenant_id: link.tenant,
            provider_organization: link.provider_organization.clone(),
            required_since: link.required_since,
            linked_at: link.linked_at,
            read_at: link.read_at,
            version: link.version,
        }
    }
}

fn connection_state(text: &str) -> StoreResult<ConnectionState> {
    let all = [ConnectionState::Active, ConnectionState::Inactive, ConnectionState::Deleted];
    all.into_iter().find(|state| state.as_str() == text).ok_or_else(|| corrupt("sso_connections.state"))
}

fn domain_state(text: &str) -> StoreResult<DomainState> {
    let all = [DomainState::Verified, DomainState::Pending, DomainState::Failed, DomainState::Deleted];
    all.into_iter().find(|state| state.as_str() == text).ok_or_else(|| corrupt("sso_domains.state"))
}

impl<S: Scope> SsoLinks for AuthStore<'_, S> {
    async fn sso_link_find(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>> {
        self.tx.row(FindLink { tenant }).await?.map(FoundRow::link).transpose()
    }

    async fn sso_link_of(&mut self, provider_organization: &str) -> StoreResult<Option<SsoLink>> {
        let query = FindLinkOf { provider_organization: provider_organization.to_owned() };
        self.tx.row(query).await?.map(FoundRow::link).transpose()
    }

    async fn sso_link_by_domain(&mut self, domain: &str) -> StoreResult<Option<SsoLink>> {
        self.tx.row(FindLinkByDomain { domain: domain.to_owned() }).await?.map(FoundRow::link).transpose()
    }

    async fn sso_sign_in_insert(
        &mut self,
        session: SessionId,
        tenant: TenantId,
        provider_organization: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(sso_sign_ins::table).values((
            sso_sign_ins::session_id.eq(session),
            sso_sign_ins::tenant_id.eq(tenant),
            sso_sign_ins::provider_organization.eq(provider_organization.to_owned()),
            sso_sign_ins::signed_in_at.eq(now),
        )));
        Ok(())
    }
}

impl<S: Scope> SsoReports for AuthStore<'_, S> {
    async fn sso_change_save(
        &mut self,
        tenant: TenantId,
        change: &SsoChange,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        match change.clone() {
            SsoChange::Connection(SsoConnection { id, kind, name, state }) => {
                self.tx.defer(SaveConnection { tenant, id, kind, name, state: state.as_str().into(), at });
            }
            SsoChange::Domain(SsoDomain { name: domain, state }) => {
                self.tx.defer(SaveDomain { tenant, domain, state: state.as_str().into(), at });
            }
        }
        Ok(())
    }
}

impl SsoSettings for AuthStore<'_> {
    async fn sso_link_lock(&mut self, tenant: TenantId) -> StoreResult<Option<SsoLink>> {
        let lock = sso_links::table.find(tenant).select(sso_links::version).for_no_key_update();
        if self.tx.row::<_, i32>(lock).await?.is_none() {
            return Ok(None);
        }
        self.sso_link_find(tenant).await
    }

    async fn sso_link_save(&mut self, link: &SsoLink) -> StoreResult<()> {
        let insert = diesel::insert_into(sso_links::table).values(LinkRow::of(link));
        self.tx.defer(insert.on_conflict(sso_links::tenant_id).do_update().set(LinkRow::of(link)));
        let tenant = link.tenant;
        self.tx.defer(diesel::delete(sso_connections::table.filter(sso_connections::tenant_id.eq(tenant))));
        self.tx.defer(diesel::delete(sso_domains::table.filter(sso_domains::tenant_id.eq(tenant))));
        for connection in &link.connections {
            self.sso_change_save(tenant, &SsoChange::Connection(connection.clone()), link.read_at).await?;
        }
        for domain in &link.domains {
            self.sso_change_save(tenant, &SsoChange::Domain(domain.clone()), link.read_at).await?;
        }
        Ok(())
    }

    async fn sso_policy_save(&mut self, link: &SsoLink) -> StoreResult<()> {
        let one = sso_links::table.filter(sso_links::tenant_id.eq(link.tenant));
        self.tx.defer(diesel::update(one).set(LinkRow::of(link)));
        Ok(())
    }

    async fn sso_link_delete(&mut self, tenant: TenantId) -> StoreResult<()> {
        self.tx.defer(diesel::delete(sso_links::table.filter(sso_links::tenant_id.eq(tenant))));
        Ok(())
    }

    async fn sso_sign_in_find(
        &mut self,
        session: SessionId,
        provider_organization: &str,
    ) -> StoreResult<Option<DateTime<Utc>>> {
        let query = sso_sign_ins::table
            .find(session)
            .filter(sso_sign_ins::provider_organization.eq(provider_organization.to_owned()))
            .select(sso_sign_ins::signed_in_at);
        self.tx.row(query).await
    }

    async fn sso_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        let tree = self.rbac().organization_tree().await?;
        Ok(tree.into_iter().map(|node| node.organization).collect())
    }
}
