//! `/auth/devices`: the devices of the signed-in user (AUT-13).

use super::{form::undone, sessions::EndedView};
use actix_web::{
    delete, get, put,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_auth::manage_devices::{
    self, ListedDevice, edit_device as edit, list_devices as list, revoke_device as revoke,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::DeviceId;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::OwnSecurity;
use tryzore_web::{Allow, ApiError, Body, Path};
use utoipa::ToSchema;

/// A device that you have signed in on, and that names itself (`device.id`).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceView {
    /// The id of the device.
    id: DeviceId,
    /// Whether this request was made in a session on it.
    is_current: bool,
    /// Its name.
    name: Option<String>,
    /// Its `User-Agent` at the last sign-in.
    user_agent: Option<String>,
    /// Whether you trust it.
    is_trusted: bool,
    /// Since when you trust it.
    trusted_at: Option<DateTime<Utc>>,
    /// When it first signed in, after it was last revoked.
    first_seen_at: DateTime<Utc>,
    /// When it last signed in.
    last_seen_at: DateTime<Utc>,
}

impl From<ListedDevice> for DeviceView {
    fn from(ListedDevice { device, is_current }: ListedDevice) -> Self {
        Self {
            id: device.id,
            is_current,
            name: device.name,
            user_agent: device.user_agent,
            is_trusted: device.trusted_at.is_some(),
            trusted_at: device.trusted_at,
            first_seen_at: device.first_seen_at,
            last_seen_at: device.last_seen_at,
        }
    }
}

/// The devices of the signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceList {
    /// The devices, the last used first; at most 100.
    data: Vec<DeviceView>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ada's phone", "is_trusted": true}))]
pub(super) struct DeviceNameForm {
    /// A name by which you recognize the device.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Whether you trust it.
    is_trusted: bool,
}

/// List my devices
///
/// The devices that you have signed in on and not revoked. A browser that does not name itself has only sessions.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = DeviceList)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/devices")]
pub(super) async fn list_devices(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<DeviceList>, ApiError> {
    let devices = db.tenant_tx(&permit, async |tx| undone(list(&permit, &mut tx.auth()).await)).await?;
    Ok(Json(DeviceList { data: devices.into_iter().map(DeviceView::from).collect() }))
}

/// Name or trust a device
///
/// While you require trusted devices, only a session on a trusted device can change which ones you trust.
#[utoipa::path(
    tag = "auth",
    params(("device_id" = DeviceId, Path)),
    request_body = DeviceNameForm,
    responses((status = 200, body = DeviceView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-denials" = json!(["auth.device.not_trusted"]))
    )
)]
#[put("/auth/devices/{device_id}")]
pub(super) async fn edit_device(
    Allow(permit): Allow<OwnSecurity>,
    Path(device): Path<DeviceId>,
    Body(DeviceNameForm { name, is_trusted }): Body<DeviceNameForm>,
    db: Data<Db>,
) -> Result<Json<DeviceView>, ApiError> {
    let now = db.clock().now();
    let form = manage_devices::DeviceForm { name, is_trusted };
    let edited = db
        .tenant_tx(&permit, async |tx| undone(edit(&permit, &mut tx.auth(), device, form, now).await))
        .await?;
    Ok(Json(edited.into()))
}

/// Revoke a device
///
/// Ends its sessions at once, for example of a lost phone. Its next sign-in is one on a new device.
#[utoipa::path(
    tag = "auth",
    params(("device_id" = DeviceId, Path)),
    responses((status = 200, body = EndedView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-denials" = json!(["auth.device.not_trusted"]))
    )
)]
#[delete("/auth/devices/{device_id}")]
pub(super) async fn revoke_device(
    Allow(permit): Allow<OwnSecurity>,
    Path(device): Path<DeviceId>,
    db: Data<Db>,
) -> Result<Json<EndedView>, ApiError> {
    let now = db.clock().now();
    let ended =
        db.tenant_tx(&permit, async |tx| undone(revoke(&permit, &mut tx.auth(), device, now).await)).await?;
    Ok(Json(EndedView { ended }))
}
