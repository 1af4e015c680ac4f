//! The answers to a successful sign-in.

use super::form::{DeviceForm, origin, settled, told};
use crate::sign_in::SignIn;
use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_auth::{
    Claims, Membership, Memberships, Refusal, Session, SignInMethod, User, Users, acting,
    claims::ACCESS_LIFE,
    login::{self, LoginRequest, Tokens},
    membership,
};
use tryzore_auth_postgres::Auth;
use tryzore_auth_postgres::locations::LocationView;
use tryzore_kernel::{
    Email, OrganizationId, OwnerAccountId, Problem, SessionId, StoreError, TenantId, UserId,
};
use tryzore_postgres::{AuthTx, Db};
use tryzore_rbac::Actor;
use tryzore_web::ApiError;
use utoipa::ToSchema;

/// A signed-in user with tokens and locations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedInView {
    /// The access token for all other operations: `Authorization: Bearer …`. Treat it as opaque; it may get
    /// longer.
    access_token: String,
    /// The refresh token, which gets the next tokens once. Keep it in the secret storage of the device.
    refresh_token: String,
    /// The scheme with which the access token is sent.
    #[schema(value_type = super::shapes::TokenType)]
    token_type: &'static str,
    /// The number of seconds for which the access token is valid.
    #[schema(example = 3600)]
    expires_in: i64,
    /// When the refresh token expires.
    refresh_expires_at: DateTime<Utc>,
    /// The id of the session.
    session_id: SessionId,
    /// The signed-in user.
    user: UserView,
    #[serde(flatten)]
    at: WhereaboutsView,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    /// The id of the user.
    id: UserId,
    /// The e-mail address.
    email: Email,
    /// The name of the person.
    name: String,
    /// The status of the user.
    #[schema(value_type = super::shapes::UserStatus)]
    status: &'static str,
    /// The owner account of an owner.
    owner_account_id: Option<OwnerAccountId>,
}

/// A tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TenantView {
    /// The id of the tenant.
    pub(super) id: TenantId,
    /// The name.
    pub(super) name: String,
}

/// The location of a session, and the locations that it can switch to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhereaboutsView {
    /// The tenant of the session; to use another tenant, sign in again.
    pub(super) tenant: TenantView,
    /// The current location; null while no location is available.
    organization: Option<LocationView>,
    /// The locations of this tenant that the session can switch to.
    pub(super) available: Vec<LocationView>,
    /// The tenants that the user can sign in to, including this one.
    tenants: Vec<TenantView>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            status: user.status.as_str(),
            owner_account_id: user.owner_account,
        }
    }
}

impl From<&Membership> for TenantView {
    fn from(membership: &Membership) -> Self {
        Self { id: membership.tenant, name: membership.name.clone() }
    }
}

/// Signs a user in with `method`.
pub(super) async fn sign_in(
    db: &Db,
    service: &SignIn,
    request: &HttpRequest,
    wish: (SignInMethod, Option<DeviceForm>, Option<TenantId>, Option<OrganizationId>),
) -> Result<SignedInView, ApiError> {
    let (method, device, tenant, organization) = wish;
    sign_in_as(db, service, LoginRequest { method, origin: origin(request, device), tenant, organization })
        .await
}

/// Signs a user in as `wish` says.
pub(super) async fn sign_in_as(
    db: &Db,
    service: &SignIn,
    wish: LoginRequest,
) -> Result<SignedInView, ApiError> {
    let now = db.clock().now();
    let attempt = settled(db.auth_tx(async |tx| login::admit(&mut tx.auth(), wish, now).await).await)?;
    let tried = attempt.authenticate(&service.provider).await;
    let now = db.clock().now();
    let tried = tried.offer(service.signing.seal(), now).map_err(Problem::from)?;
    let outcome = db.auth_tx(async |tx| {
        let signed_in = match login::settle(&mut tx.auth(), tried, &service.secrets, now).await? {
            Ok(signed_in) => signed_in,
            Err(refusal) => return Ok(Err(refusal)),
        };
        SignedInView::of(tx, service, &signed_in.user, signed_in.tokens).await.map(Ok::<_, Refusal>)
    });
    settled(outcome.await)
}

impl SignedInView {
    /// The answer with the `tokens` of `user`; from here on the transaction acts as the user.
    pub(super) async fn of(
        tx: &mut AuthTx,
        service: &SignIn,
        user: &User,
        tokens: Tokens,
    ) -> Result<Self, Problem> {
        let session = tokens.session.id;
        tx.act_as(Actor::User { user: user.id, session });
        Ok(Self {
            access_token: access_token(service, &tokens.claims)?,
            refresh_token: told(&tokens.refresh_token),
            token_type: "Bearer",
            expires_in: ACCESS_LIFE.num_seconds(),
            refresh_expires_at: tokens.refresh_expires_at,
            session_id: session,
            user: user.into(),
            at: WhereaboutsView::of(tx, user.id, tokens.session.tenant, tokens.session.organization).await?,
        })
    }
}

/// Signs an access token with `claims`.
pub(super) fn access_token(service: &SignIn, claims: &Claims) -> Result<String, Problem> {
    let refused = |error| Problem::internal(format!("no access token: {error}"));
    let token = service.signing.sign(claims).map_err(refused)?;
    Ok(told(&token))
}

impl WhereaboutsView {
    /// The current and the available locations of `user`.
    pub(super) async fn of(
        tx: &mut AuthTx,
        user: UserId,
        tenant: TenantId,
        at: Option<OrganizationId>,
    ) -> Result<Self, StoreError> {
        let memberships = tx.auth().membership_list(user).await?;
        let here = memberships.iter().find(|membership| membership.tenant == tenant);
        let available = available(tx, user, tenant).await?;
        Ok(Self {
            tenant: here.map_or_else(|| TenantView { id: tenant, name: String::new() }, TenantView::from),
            organization: available.iter().find(|location| Some(location.id) == at).cloned(),
            available,
            tenants: memberships.iter().map(TenantView::from).collect(),
        })
    }
}

impl WhereaboutsView {
    /// The current and the available locations of the acting session `session`: of its tenant alone.
    pub(super) async fn of_acting(tx: &mut AuthTx, session: &Session) -> Result<Self, Problem> {
        let view = acting::view(&mut tx.auth(), session).await?.map_err(Problem::from)?;
        let open = view.map(|view| view.available).unwrap_or_default();
        let available = tx.auth().locations_named(session.tenant, &open).await?;
        let name = tx.auth().tenant_name(session.tenant).await?.unwrap_or_default();
        let tenant = TenantView { id: session.tenant, name };
        Ok(Self {
            organization: available
                .iter()
                .find(|location| Some(location.id) == session.organization)
                .cloned(),
            available,
            tenants: vec![tenant.clone()],
            tenant,
        })
    }
}

/// The locations of `tenant` that `user` can switch to.
pub(super) async fn available(
    tx: &mut AuthTx,
    user: UserId,
    tenant: TenantId,
) -> Result<Vec<LocationView>, StoreError> {
    let Some(holdings) = tx.auth().holdings_find(user, tenant).await? else { return Ok(Vec::new()) };
    tx.auth().locations_named(tenant, &membership::available(&holdings)).await
}

/// The user with the id `id`.
pub(super) async fn user(tx: &mut AuthTx, id: UserId) -> Result<User, Problem> {
    tx.auth().user_find(id).await?.ok_or_else(|| Problem::not_found("user"))
}
