//! What a user wants for the own account (AUT-12): mail about new devices, how long a session lasts, and whether
//! only trusted devices may renew one.
//!
//! While only trusted devices may renew a session, only a session on one may change that, trust another device or
//! revoke a trusted one; otherwise whoever has the password could simply trust their own device. A user who has
//! lost them all chooses a new password by mail, which turns the requirement off.

use crate::{
    AuthEvent, AuthEventKind, Refusal, Session, Sessions, Settled, Users, ending::person,
    error::unauthenticated, session::SESSION_MAX, trust,
};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{AuditEntry, Denial, Journal};
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

/// The settings of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecuritySettings {
    /// Whether a mail tells of each sign-in on a new device.
    pub mail_on_new_device: bool,
    /// After how many days a session ends, however often it is renewed: 1 to 365.
    pub session_days: u16,
    /// Whether only trusted devices may renew a session.
    pub require_trusted_device: bool,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self { mail_on_new_device: true, session_days: 365, require_trusted_device: false }
    }
}

impl SecuritySettings {
    /// When `session` ends, however often it is renewed.
    #[must_use]
    pub fn ends_at(&self, session: &Session) -> DateTime<Utc> {
        session.created_at + TimeDelta::days(i64::from(self.session_days)).min(SESSION_MAX)
    }

    /// Checks that `session` is not older than the user wants.
    ///
    /// # Errors
    /// `auth.session.expired`.
    pub fn check_age(&self, session: &Session, now: DateTime<Utc>) -> Result<(), Refusal> {
        let ends_at = self.ends_at(session);
        if now < ends_at {
            return Ok(());
        }
        Err(unauthenticated(
            Denial::right("auth.session.expired")
                .because("session.expires_at", ends_at)
                .remedy("Sign in again.", Some("sign_in")),
        ))
    }
}

/// The settings of the signed-in user.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn get_security_settings<T: Sessions>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
) -> Settled<SecuritySettings> {
    match person(permit) {
        Ok((user, _)) => tx.security_settings_find(user).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Replaces the settings of the signed-in user.
///
/// # Errors
/// Inner: 422 for `session_days`; `auth.device.not_trusted`; `auth.person_required`.
pub async fn edit_security_settings<T: Users + Sessions + Journal>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    settings: SecuritySettings,
    now: DateTime<Utc>,
) -> Settled<SecuritySettings> {
    if !(1..=365).contains(&settings.session_days) {
        return Ok(Err(Refusal::Invalid { pointer: "/session_days", detail: "1 to 365 days".into() }));
    }
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.user_lock(user).await?;
    let before = tx.security_settings_find(user).await?;
    if before == settings {
        return Ok(Ok(settings));
    }
    if before.require_trusted_device || settings.require_trusted_device {
        let current = tx.session_find(session).await?;
        if let Err(denial) = trust::check(tx, current.as_ref()).await? {
            return Ok(Err(denial.into()));
        }
    }
    tx.security_settings_save(user, &settings, now).await?;
    tx.auth_event_append(AuthEvent::new(AuthEventKind::SettingsChanged, user, now).in_session(session))
        .await?;
    tx.audit_append(AuditEntry {
        action: "auth.security_settings_changed",
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: serde_json::json!({
            "mail_on_new_device": settings.mail_on_new_device,
            "session_days": settings.session_days,
            "require_trusted_device": settings.require_trusted_device,
        }),
    });
    Ok(Ok(settings))
}

#[cfg(test)]
mod tests;
