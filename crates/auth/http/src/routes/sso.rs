//! `/sso`: the single sign-on of the tenant (AUT-09). 404 if this installation stores passwords itself.

use super::form::{refused, secret, told};
use crate::sign_in::SignInService;
use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    SsoConnection, SsoDomain, SsoLink, SsoLinks,
    login::provider_refusal,
    manage_sso::{LINK, check_manager, link_sso, set_sso_policy, unlink_sso},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::{Db, TenantTx};
use tryzore_provider_workos::organizations::SetUp;
use tryzore_rbac::catalogue::ManageRoles;
use tryzore_web::{Allow, ApiError, Body, Change, Resource};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_sso)
        .service(link_tenant)
        .service(unlink_tenant)
        .service(set_policy)
        .service(create_setup_link);
}

/// The single sign-on of the tenant.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct SsoView {
    /// The organization at the provider; null while the tenant is not linked.
    provider_organization: Option<String>,
    /// Whether those with an address of a verified domain must sign in by single sign-on.
    is_required: bool,
    /// Since when they must.
    required_since: Option<DateTime<Utc>>,
    /// The connections to your own provider.
    connections: Vec<ConnectionView>,
    /// The domains of mail addresses.
    domains: Vec<DomainView>,
    /// When the provider was last asked. What it reports later is followed.
    read_at: Option<DateTime<Utc>>,
    /// The version to send in `If-Match`; 0 while the tenant is not linked.
    version: i32,
}

/// A connection to your own provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectionView {
    /// The id at WorkOS.
    provider_connection: String,
    /// The kind, such as `GenericSAML` or `GenericOIDC`.
    kind: String,
    /// The name at WorkOS.
    name: String,
    /// Whether it signs people in: `active` or `inactive`.
    state: &'static str,
}

/// A domain of mail addresses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DomainView {
    /// The domain.
    name: String,
    /// Whether you have proven that you own it: `verified`, `pending` or `failed`.
    state: &'static str,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SsoPolicyForm {
    /// Whether those with an address of a verified domain must sign in by single sign-on.
    is_required: bool,
}

/// What is set up on the page of WorkOS.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SetUpForm {
    /// The connection to your own provider.
    SingleSignOn,
    /// The proof that you own a domain.
    Domains,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"what": "single_sign_on", "return_url": "https://app.example.com/settings"}))]
pub(super) struct SetupLinkForm {
    /// What to set up.
    what: SetUpForm,
    /// The page to return to afterwards.
    #[schema(max_length = 2000)]
    return_url: Option<String>,
}

/// A page of WorkOS.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetupLinkView {
    /// The address to open at once: it is valid for some minutes, for whoever has it.
    url: String,
}

impl From<SsoLink> for SsoView {
    fn from(link: SsoLink) -> Self {
        Self {
            is_required: link.required_since.is_some(),
            required_since: link.required_since,
            read_at: Some(link.read_at),
            version: link.version,
            provider_organization: Some(link.provider_organization),
            connections: link.connections.into_iter().map(ConnectionView::from).collect(),
            domains: link.domains.into_iter().map(DomainView::from).collect(),
        }
    }
}

impl From<SsoConnection> for ConnectionView {
    fn from(it: SsoConnection) -> Self {
        Self { provider_connection: it.id, kind: it.kind, name: it.name, state: it.state.as_str() }
    }
}

impl From<SsoDomain> for DomainView {
    fn from(it: SsoDomain) -> Self {
        Self { name: it.name, state: it.state.as_str() }
    }
}

/// Get single sign-on
///
/// The connections and domains of your tenant, and whether single sign-on is required. 404 when this
/// installation manages passwords itself.
#[utoipa::path(
    operation_id = "get_sso",
    tag = "single sign-on",
    responses((status = 200, body = SsoView)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/sso")]
pub(super) async fn get_sso(
    Allow(permit): Allow<ManageRoles>,
    service: SignInService,
    db: Data<Db>,
) -> Result<Resource<SsoView>, ApiError> {
    service.organizations()?;
    let found = db.tenant_tx(&permit, async |tx| tx.auth().sso_link_find(permit.tenant()).await).await?;
    Ok(Resource(found.map(SsoView::from).unwrap_or_default()))
}

/// Link single sign-on
///
/// Links your tenant to its own organization at WorkOS, which is made if there is none, and reads its
/// connections and domains. Linking again reads them anew and changes nothing else, so it is safe to repeat.
/// Requires managing roles at every location.
#[utoipa::path(
    operation_id = "link_sso",
    tag = "single sign-on",
    responses((status = 200, body = SsoView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.provider.throttled", "auth.sso.beyond_reach"]))
    )
)]
#[post("/sso")]
pub(super) async fn link_tenant(
    Allow(permit): Allow<ManageRoles>,
    service: SignInService,
    db: Data<Db>,
) -> Result<Resource<SsoView>, ApiError> {
    let (provider, tenant) = (service.organizations()?, permit.tenant());
    db.tenant_tx(&permit, async |tx| check_manager(&permit, &mut tx.auth(), LINK).await.map(drop)).await?;
    let name = db.auth_tx(async |tx| tx.auth().tenant_name(tenant).await).await?;
    let name = name.ok_or_else(|| Problem::not_found("tenant"))?;
    let found = provider.organization_open(tenant, &name).await;
    let found = found.map_err(|error| refused(provider_refusal(error)))?;
    let now = db.clock().now();
    let done = async |tx: &mut TenantTx| link_sso(&permit, &mut tx.auth(), found, now).await;
    Ok(Resource(db.tenant_tx(&permit, done).await?.into()))
}

/// Unlink single sign-on
///
/// Your people then sign in as before, and single sign-on is not required any more. Connections and domains at
/// WorkOS stay. Requires managing roles at every location.
#[utoipa::path(
    operation_id = "unlink_sso",
    tag = "single sign-on",
    responses((status = 204, description = "Unlinked, now or before")),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["auth.sso.beyond_reach"]))
    )
)]
#[delete("/sso")]
pub(super) async fn unlink_tenant(
    Allow(permit): Allow<ManageRoles>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    service.organizations()?;
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| unlink_sso(&permit, &mut tx.auth(), now).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Require single sign-on
///
/// Those with an address of a verified domain can then sign in to your tenant in no other way; sessions that
/// have begun stay. To require it, a connection must be active, a domain verified, and this session must have
/// begun by single sign-on within the last hour: so nobody locks themselves out. While no connection is active,
/// owners can sign in in another way, to repair it. Requires managing roles at every location.
#[utoipa::path(
    operation_id = "set_sso_policy",
    tag = "single sign-on",
    params(Change),
    request_body = SsoPolicyForm,
    responses((status = 200, body = SsoView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["auth.sso.beyond_reach", "auth.sso.not_proven", "auth.sso.not_ready"]))
    )
)]
#[put("/sso/policy")]
pub(super) async fn set_policy(
    Allow(permit): Allow<ManageRoles>,
    service: SignInService,
    change: Change,
    Body(form): Body<SsoPolicyForm>,
) -> Result<Resource<SsoView>, ApiError> {
    service.organizations()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        let policy = (version, form.is_required);
        set_sso_policy(&permit, &mut tx.auth(), policy, now).await.map(SsoView::from)
    };
    change.done(&permit, edit).await
}

/// Create a set-up link
///
/// The address of the page of WorkOS on which you connect your own provider, or prove that you own a domain.
/// Requires managing roles at every location. The response is not stored for an `Idempotency-Key`, because it
/// holds a secret.
#[utoipa::path(
    operation_id = "create_sso_setup_link",
    tag = "single sign-on",
    request_body = SetupLinkForm,
    responses((status = 201, body = SetupLinkView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.provider.throttled", "auth.sso.beyond_reach"]))
    )
)]
#[post("/sso/setup-link")]
pub(super) async fn create_setup_link(
    Allow(permit): Allow<ManageRoles>,
    Body(form): Body<SetupLinkForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let provider = service.organizations()?;
    let found = db
        .tenant_tx(&permit, async |tx| {
            check_manager(&permit, &mut tx.auth(), LINK).await.map_err(Problem::from)?;
            Ok::<_, Problem>(tx.auth().sso_link_find(permit.tenant()).await?)
        })
        .await?;
    let organization = found.ok_or_else(|| Problem::not_found("single sign-on"))?.provider_organization;
    let what = match form.what {
        SetUpForm::SingleSignOn => SetUp::SingleSignOn,
        SetUpForm::Domains => SetUp::Domains,
    };
    let link = provider.set_up_link(&organization, what, form.return_url).await;
    let link = link.map_err(|error| refused(provider_refusal(error)))?;
    Ok(secret(201, &SetupLinkView { url: told(&link) }))
}
