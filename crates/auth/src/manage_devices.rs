//! The devices of the signed-in user: listed, named, trusted and revoked (AUT-13).

use crate::{
    AuthEvent, AuthEventKind, KnownDevice, RefreshTokens, Refusal, Revocation, RevocationReason, Session,
    Sessions, Settled, Users,
    ending::{finish, person},
    trust,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Denial, DeviceId, Journal, StoreResult};
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

/// A device as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDevice {
    /// The device.
    pub device: KnownDevice,
    /// Whether the request was made in a session on this device.
    pub is_current: bool,
}

/// What a user says of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceForm {
    /// A name, 1 to 100 characters.
    pub name: String,
    /// Whether the user trusts it.
    pub is_trusted: bool,
}

/// The devices that the signed-in user has signed in on and not revoked, the last used first.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn list_devices<T: Sessions>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
) -> Settled<Vec<ListedDevice>> {
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let current = tx.session_find(session).await?;
    let devices = tx.device_list(user).await?;
    Ok(Ok(devices.into_iter().map(|device| listed(device, current.as_ref())).collect()))
}

/// Names a device, and says whether it is trusted.
///
/// # Errors
/// Inner: 404, also for a device of another user or a revoked one; 422 for the name; `auth.device.not_trusted`
/// while only trusted devices may renew a session; `auth.person_required`.
pub async fn edit_device<T: Users + Sessions + Journal>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    id: DeviceId,
    form: DeviceForm,
    now: DateTime<Utc>,
) -> Settled<ListedDevice> {
    let name = form.name.trim().to_owned();
    if !(1..=100).contains(&name.chars().count()) {
        return Ok(Err(Refusal::Invalid { pointer: "/name", detail: "1 to 100 characters".into() }));
    }
    let (device, current) = match open(permit, tx, id).await? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if form.is_trusted != device.trusted_at.is_some()
        && let Err(denial) = check_trust(tx, &device, current.as_ref()).await?
    {
        return Ok(Err(denial.into()));
    }
    let after = KnownDevice { name: Some(name), ..device.clone() }.trust(form.is_trusted, now);
    if after != device {
        tx.device_save(&after).await?;
        if device.trusted_at.is_none() && after.trusted_at.is_some() {
            record(tx, AuthEventKind::DeviceTrusted, &after, current.as_ref(), now).await?;
        }
    }
    Ok(Ok(listed(after, current.as_ref())))
}

/// Revokes a device: its sessions end, it is not trusted, and its next sign-in is one on a new device. Returns how
/// many sessions ended. Revoking a revoked device is not an error.
///
/// # Errors
/// Inner: 404, also for a device of another user; `auth.device.not_trusted` for a trusted device while only trusted
/// devices may renew a session; `auth.person_required`.
pub async fn revoke_device<T: Users + Sessions + RefreshTokens + Journal>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    id: DeviceId,
    now: DateTime<Utc>,
) -> Settled<usize> {
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.user_lock(user).await?;
    let Some(device) = tx.device_find(user, id).await? else {
        return Ok(Err(Refusal::NotFound("device")));
    };
    if device.revoked_at.is_some() {
        return Ok(Ok(0));
    }
    let current = tx.session_find(session).await?;
    if device.trusted_at.is_some()
        && let Err(denial) = check_trust(tx, &device, current.as_ref()).await?
    {
        return Ok(Err(denial.into()));
    }
    let device = device.revoke(now);
    tx.device_save(&device).await?;
    record(tx, AuthEventKind::DeviceRevoked, &device, current.as_ref(), now).await?;
    let reason = RevocationReason::EndedElsewhere;
    let ended = tx.device_sessions_revoke(user, &device.named, Revocation { at: now, reason }).await?;
    finish(tx, ended, reason, now).await.map(Ok)
}

async fn open<T: Users + Sessions>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    id: DeviceId,
) -> Settled<(KnownDevice, Option<Session>)> {
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.user_lock(user).await?;
    let found = tx.device_find(user, id).await?.filter(|device| device.revoked_at.is_none());
    let Some(device) = found else { return Ok(Err(Refusal::NotFound("device"))) };
    Ok(Ok((device, tx.session_find(session).await?)))
}

/// Whether the trust in `device` may be changed from the session `current`.
async fn check_trust<T: Sessions>(
    tx: &mut T,
    device: &KnownDevice,
    current: Option<&Session>,
) -> StoreResult<Result<(), Denial>> {
    if !tx.security_settings_find(device.user).await?.require_trusted_device {
        return Ok(Ok(()));
    }
    trust::check(tx, current).await
}

async fn record<T: Sessions + Journal>(
    tx: &mut T,
    kind: AuthEventKind,
    device: &KnownDevice,
    current: Option<&Session>,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let event = AuthEvent::new(kind, device.user, now).on_device(Some(device.id));
    let event = match current {
        Some(session) => event.in_session(session.id),
        None => event,
    };
    tx.auth_event_append(event).await?;
    let is_trusted = kind == AuthEventKind::DeviceTrusted;
    tx.audit_append(AuditEntry {
        action: if is_trusted { "auth.device_trusted" } else { "auth.device_revoked" },
        target: device.id.uuid(),
        subject: Some(device.user),
        organizations: Vec::new(),
        details: serde_json::json!({ "user": device.user }),
    });
    Ok(())
}

pub(crate) fn listed(device: KnownDevice, current: Option<&Session>) -> ListedDevice {
    let named = current.and_then(|session| session.origin.device.id.as_ref());
    ListedDevice { is_current: named == Some(&device.named), device }
}

#[cfg(test)]
mod tests;
