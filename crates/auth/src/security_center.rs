//! Everything that a user sees of the security of the own account in one answer (AUT-15): settings, devices,
//! counters, a timeline, and what to do.

use crate::{
    Factors, KnownDevice, Refusal, SecuritySettings, Sessions, Settled, Users,
    auth_event::{EventCounts, RecordedEvent},
    ending::person,
    manage_devices::{ListedDevice, listed},
    risk::MANY_FAILURES,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

/// More sessions than this are an occasion to look at them.
pub const MANY_SESSIONS: usize = 10;
/// For how long a device that was not there before is to be reviewed.
pub const REVIEW: TimeDelta = TimeDelta::days(7);

/// The state of the account of the signed-in user.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityCenter {
    /// The settings.
    pub settings: SecuritySettings,
    /// The devices, the last used first.
    pub devices: Vec<ListedDevice>,
    /// The number of live sessions.
    pub sessions: usize,
    /// How often something happened.
    pub counts: EventCounts,
    /// The newest events of each part of the timeline, newest first.
    pub timeline: Vec<RecordedEvent>,
    /// What the user should do, the most urgent first.
    pub actions: Vec<Action>,
}

/// What a user should do. The code is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActionCode {
    /// Choose a new password: someone else seems to have a token of the account.
    ChangePassword,
    /// Look at sign-ins that failed.
    ReviewFailedSignIns,
    /// Trust or revoke a device that was not there before.
    ReviewNewDevice,
    /// Add a second factor.
    AddSecondFactor,
    /// End sessions that are not used.
    TooManySessions,
}

/// What a user should do, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Action {
    /// What to do.
    pub code: ActionCode,
    /// Why, as a sentence.
    #[cfg_attr(feature = "openapi", schema(example = "You have 11 active sessions."))]
    pub because: String,
    /// The `operationId` that resolves it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "list_sessions"))]
    pub operation: &'static str,
}

/// What decides about the actions.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The counts.
    pub counts: EventCounts,
    /// The devices that are not revoked.
    pub devices: &'a [KnownDevice],
    /// Whether there is a second factor.
    pub has_factor: bool,
    /// The number of live sessions.
    pub sessions: usize,
}

/// What the user should do, the most urgent first.
#[must_use]
pub fn actions(facts: &Facts<'_>, now: DateTime<Utc>) -> Vec<Action> {
    let Facts { counts, devices, has_factor, sessions } = facts;
    let failures = counts.last_24h.failed_sign_ins;
    let is_new = |device: &&KnownDevice| device.trusted_at.is_none() && now - device.first_seen_at < REVIEW;
    // The only device of a user is the one that the account was opened on.
    let new = if devices.len() > 1 { devices.iter().filter(is_new).count() } else { 0 };
    let all = [
        (
            counts.thefts > 0,
            ActionCode::ChangePassword,
            "A token of your account was used by two devices, so somebody else may have had it.".to_owned(),
            "request_password_reset",
        ),
        (
            failures >= MANY_FAILURES,
            ActionCode::ReviewFailedSignIns,
            format!("{failures} sign-ins failed within 24 hours."),
            "list_auth_events",
        ),
        (
            new > 0,
            ActionCode::ReviewNewDevice,
            format!(
                "Devices that signed in for the first time within 7 days and that you don't trust yet: {new}."
            ),
            "edit_device",
        ),
        (
            !has_factor,
            ActionCode::AddSecondFactor,
            "Your account is protected by the password alone.".to_owned(),
            "enroll_totp",
        ),
        (
            *sessions > MANY_SESSIONS,
            ActionCode::TooManySessions,
            format!("You have {sessions} active sessions."),
            "revoke_other_sessions",
        ),
    ];
    let due = all.into_iter().filter(|(is_due, ..)| *is_due);
    due.map(|(_, code, because, operation)| Action { code, because, operation }).collect()
}

/// The state of the account of the signed-in user.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn security_center<T: Users + Sessions + Factors>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    now: DateTime<Utc>,
) -> Settled<SecurityCenter> {
    let (id, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(user) = tx.user_find(id).await? else { return Ok(Err(Refusal::NotFound("user"))) };
    let settings = tx.security_settings_find(id).await?;
    let sessions = tx.session_list(id, now).await?;
    let devices = tx.device_list(id).await?;
    let counts = tx.auth_event_counts(id, user.password_changed_at, now).await?;
    let timeline = tx.auth_event_timeline(id, now).await?;
    let has_factor = tx.factor_list(id).await?.iter().any(|factor| factor.is_confirmed());
    let actions = actions(&Facts { counts, devices: &devices, has_factor, sessions: sessions.len() }, now);
    let current = sessions.iter().find(|live| live.id == session);
    let devices = devices.into_iter().map(|device| listed(device, current)).collect();
    Ok(Ok(SecurityCenter { settings, devices, sessions: sessions.len(), counts, timeline, actions }))
}

#[cfg(test)]
mod tests;
