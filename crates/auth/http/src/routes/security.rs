//! `/auth/security-center`, `/auth/security-settings` and `/auth/events`: the security of the own account
//! (AUT-12, AUT-14, AUT-15).

use super::{devices::DeviceView, form::undone};
use actix_web::{
    get, put,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    AuthEventKind, AuthEvents, Risk, SecuritySettings, Signal,
    auth_event::{Bucket, RecordedEvent, RiskCounts},
    security_center::{Action, SecurityCenter, security_center as look},
    security_settings::{edit_security_settings as edit, get_security_settings as find},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{AuthEventId, DeviceId, Page, Problem, SessionId};
use tryzore_postgres::Db;
use tryzore_rbac::{catalogue::OwnSecurity, grants::person_required};
use tryzore_web::{Allow, ApiError, Body, Listed, Listing, NoFilter, Paging};
use utoipa::ToSchema;

/// What you want for your account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mail_on_new_device": true, "session_days": 90, "require_trusted_device": false}))]
pub(super) struct SecuritySettingsView {
    /// Whether a mail tells you of each sign-in on a new device.
    mail_on_new_device: bool,
    /// After how many days a session ends, however often it is renewed.
    #[schema(minimum = 1, maximum = 365)]
    session_days: u16,
    /// Whether only devices that you trust may renew a session. Others are signed out after an hour.
    require_trusted_device: bool,
}

impl From<SecuritySettings> for SecuritySettingsView {
    fn from(settings: SecuritySettings) -> Self {
        let SecuritySettings { mail_on_new_device, session_days, require_trusted_device } = settings;
        Self { mail_on_new_device, session_days, require_trusted_device }
    }
}

impl From<SecuritySettingsView> for SecuritySettings {
    fn from(form: SecuritySettingsView) -> Self {
        let SecuritySettingsView { mail_on_new_device, session_days, require_trusted_device } = form;
        Self { mail_on_new_device, session_days, require_trusted_device }
    }
}

/// Something that happened to your account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuthEventView {
    /// The id of the event.
    id: AuthEventId,
    /// What happened.
    kind: AuthEventKind,
    /// When it happened.
    at: DateTime<Utc>,
    /// How risky it looked.
    risk: Risk,
    /// What was remarkable about it.
    signals: Vec<Signal>,
    /// The session that it is about.
    session_id: Option<SessionId>,
    /// The device that it is about.
    device_id: Option<DeviceId>,
    /// The IP address of the caller.
    ip_address: Option<String>,
    /// The network around that address: the first 24 bits of an IPv4 address, the first 64 of an IPv6 address.
    #[schema(example = "192.0.2.0/24")]
    network: Option<String>,
    /// The `User-Agent` of the caller.
    user_agent: Option<String>,
}

impl From<RecordedEvent> for AuthEventView {
    fn from(recorded: RecordedEvent) -> Self {
        let RecordedEvent { event, risk, ip_address, network, user_agent } = recorded;
        Self {
            id: event.id,
            kind: event.kind,
            at: event.at,
            risk,
            signals: event.signals,
            session_id: event.session,
            device_id: event.device,
            ip_address,
            network,
            user_agent,
        }
    }
}

/// How often something happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskView {
    /// Within 24 hours.
    last_24h: RiskCounts,
    /// Within 7 days.
    last_7d: RiskCounts,
}

/// The newest events, by their age; at most 20 of each. `list_auth_events` has all of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct TimelineView {
    /// Less than 24 hours ago, newest first.
    last_24h: Vec<AuthEventView>,
    /// 24 hours to 7 days ago, newest first.
    last_7d: Vec<AuthEventView>,
    /// At least 7 days ago, newest first.
    older: Vec<AuthEventView>,
}

/// The security of your account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecurityCenterView {
    /// What you want for your account.
    settings: SecuritySettingsView,
    /// Your devices, the last used first.
    devices: Vec<DeviceView>,
    /// The number of active sessions.
    session_count: usize,
    /// How often something happened.
    risk: RiskView,
    /// What happened.
    timeline: TimelineView,
    /// What you should do, the most urgent first.
    actions: Vec<Action>,
}

impl SecurityCenterView {
    fn of(center: SecurityCenter, now: DateTime<Utc>) -> Self {
        let mut timeline = TimelineView::default();
        for event in center.timeline {
            let bucket = match Bucket::of(event.event.at, now) {
                Bucket::Last24h => &mut timeline.last_24h,
                Bucket::Last7d => &mut timeline.last_7d,
                Bucket::Older => &mut timeline.older,
            };
            bucket.push(event.into());
        }
        Self {
            settings: center.settings.into(),
            devices: center.devices.into_iter().map(DeviceView::from).collect(),
            session_count: center.sessions,
            risk: RiskView { last_24h: center.counts.last_24h, last_7d: center.counts.last_7d },
            timeline,
            actions: center.actions,
        }
    }
}

/// Get my security center
///
/// Settings, devices, sessions, counters, a timeline and what you should do, in one answer.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = SecurityCenterView)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/security-center")]
pub(super) async fn get_security_center(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<SecurityCenterView>, ApiError> {
    let now = db.clock().now();
    let center = db.tenant_tx(&permit, async |tx| undone(look(&permit, &mut tx.auth(), now).await)).await?;
    Ok(Json(SecurityCenterView::of(center, now)))
}

/// Get my security settings
///
/// Whether a sign-in on a new device is mailed to you, how long your sessions last, and whether only trusted devices
/// renew them.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = SecuritySettingsView)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/security-settings")]
pub(super) async fn get_security_settings(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<SecuritySettingsView>, ApiError> {
    let settings = db.tenant_tx(&permit, async |tx| undone(find(&permit, &mut tx.auth()).await)).await?;
    Ok(Json(settings.into()))
}

/// Change my security settings
///
/// Replaces all of them. Only a session on a trusted device can require trusted devices, and change anything while
/// they are required. Choosing a new password by mail stops requiring them.
#[utoipa::path(
    tag = "auth",
    request_body = SecuritySettingsView,
    responses((status = 200, body = SecuritySettingsView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-denials" = json!(["auth.device.not_trusted"]))
    )
)]
#[put("/auth/security-settings")]
pub(super) async fn edit_security_settings(
    Allow(permit): Allow<OwnSecurity>,
    Body(form): Body<SecuritySettingsView>,
    db: Data<Db>,
) -> Result<Json<SecuritySettingsView>, ApiError> {
    let now = db.clock().now();
    let edited =
        db.tenant_tx(&permit, async |tx| undone(edit(&permit, &mut tx.auth(), form.into(), now).await));
    Ok(Json(edited.await?.into()))
}

/// List what happened to my account
///
/// Sign-ins, failures, passwords, sessions, devices and keys of the last 400 days, newest first.
#[utoipa::path(
    tag = "auth",
    params(Paging),
    responses((status = 200, body = Page<AuthEventView>)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/events")]
pub(super) async fn list_auth_events(
    Allow(permit): Allow<OwnSecurity>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<AuthEventView>, ApiError> {
    let me = permit.actor().user().ok_or_else(|| Problem::from(person_required(permit.actor())))?;
    let (limit, before) = (paging.limit()?, paging.after()?);
    let page = db.tenant_tx(&permit, async |tx| tx.auth().auth_event_page(me, before, limit).await).await?;
    Ok(paging.answer(page.map(AuthEventView::from)))
}
