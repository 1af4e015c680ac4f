//! `GET /auth/sessions`, `DELETE /auth/sessions`, `DELETE /auth/sessions/{session_id}`: listing and ending the
//! sessions of the signed-in user.

use super::form::undone;
use actix_web::{
    HttpResponse, delete, get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_auth::{
    list_sessions::{Listed, list_sessions as list},
    revoke_session::{revoke_other_sessions as revoke_others, revoke_session as revoke},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, SessionId, TenantId};
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::OwnSecurity;
use tryzore_web::{Allow, ApiError, Path};
use utoipa::ToSchema;

/// A session of the signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// The id of the session.
    id: SessionId,
    /// Whether it is the current session.
    is_current: bool,
    /// The tenant of the session.
    tenant_id: TenantId,
    /// The current location of the session.
    organization_id: Option<OrganizationId>,
    /// The IP address of the sign-in.
    ip_address: Option<String>,
    /// The name that the owner gave the device.
    device_name: Option<String>,
    /// The `User-Agent` of the device.
    user_agent: Option<String>,
    /// When the user signed in.
    created_at: DateTime<Utc>,
    /// When the session was last used, to the minute.
    last_active: DateTime<Utc>,
    /// When the session expires unless it is renewed.
    expires_at: DateTime<Utc>,
    /// When the session last used a second factor.
    factor_used_at: Option<DateTime<Utc>>,
    /// What it used as the second factor.
    #[schema(value_type = Option<super::shapes::FactorMethod>)]
    factor_method: Option<&'static str>,
}

/// The sessions of the signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionList {
    /// The sessions, last active first.
    data: Vec<SessionView>,
}

/// The number of ended sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndedView {
    ended: usize,
}

impl From<Listed> for SessionView {
    fn from(Listed { session, is_current }: Listed) -> Self {
        Self {
            id: session.id,
            is_current,
            tenant_id: session.tenant,
            organization_id: session.organization,
            ip_address: session.origin.ip.map(|ip| ip.to_string()),
            device_name: session.origin.device.name,
            user_agent: session.origin.device.user_agent,
            created_at: session.created_at,
            last_active: session.last_active,
            expires_at: session.expires_at,
            factor_used_at: session.factor.map(|used| used.at),
            factor_method: session.factor.map(|used| used.method.as_str()),
        }
    }
}

/// List my sessions
///
/// Your active sessions in all tenants, most recently used first.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = SessionList)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/sessions")]
pub(super) async fn list_sessions(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<SessionList>, ApiError> {
    let now = db.clock().now();
    let sessions = db.tenant_tx(&permit, async |tx| undone(list(&permit, &mut tx.auth(), now).await)).await?;
    Ok(Json(SessionList { data: sessions.into_iter().map(SessionView::from).collect() }))
}

/// Revoke a session
///
/// Signs out one device at once, for example a lost phone.
#[utoipa::path(
    tag = "auth",
    params(("session_id" = SessionId, Path)),
    responses((status = 204, description = "Ended, now or before")),
    extensions(("x-permission" = json!("own.security")))
)]
#[delete("/auth/sessions/{session_id}")]
pub(super) async fn revoke_session(
    Allow(permit): Allow<OwnSecurity>,
    Path(session): Path<SessionId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| undone(revoke(&permit, &mut tx.auth(), session, now).await)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Revoke all other sessions
///
/// Signs you out everywhere except in the current session.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = EndedView)),
    extensions(("x-permission" = json!("own.security")))
)]
#[delete("/auth/sessions")]
pub(super) async fn revoke_other_sessions(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<EndedView>, ApiError> {
    let now = db.clock().now();
    let ended =
        db.tenant_tx(&permit, async |tx| undone(revoke_others(&permit, &mut tx.auth(), now).await)).await?;
    Ok(Json(EndedView { ended }))
}
