//! The ports of events, devices and settings, implemented with vectors.

use super::Memory;
use crate::{
    AuthEvent, AuthEventKind, AuthEvents, KnownDevice, Revocation, SecurityProfiles, SecuritySettings,
    Session, Signal,
    auth_event::{EventCounts, RecordedEvent, RiskCounts},
    risk::{FAILURE_WINDOW, Risk, SignInHistory},
};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{AuthEventId, DeviceId, Limit, Page, StoreResult, UserId};

impl Memory {
    fn recorded(&self, user: UserId) -> Vec<RecordedEvent> {
        let of_user = self.auth_events.iter().rev().filter(|event| event.user == Some(user));
        let recorded = |event: &AuthEvent| RecordedEvent {
            risk: event.risk(),
            event: event.clone(),
            ip_address: None,
            network: None,
            user_agent: None,
        };
        of_user.map(recorded).collect()
    }

    /// The kinds of the recorded events.
    pub(crate) fn recorded_kinds(&self) -> Vec<AuthEventKind> {
        self.auth_events.iter().map(|event| event.kind).collect()
    }
}

impl AuthEvents for Memory {
    async fn auth_event_append(&mut self, event: AuthEvent) -> StoreResult<()> {
        self.auth_events.extend(event.user.is_some().then_some(event));
        Ok(())
    }
    async fn sign_in_history(
        &mut self,
        user: UserId,
        _: Option<String>,
        now: DateTime<Utc>,
    ) -> StoreResult<SignInHistory> {
        let of = |kind| self.auth_events.iter().filter(move |e| e.user == Some(user) && e.kind == kind);
        let failures =
            of(AuthEventKind::SignInFailed).filter(|event| now - event.at < FAILURE_WINDOW).count();
        let last = of(AuthEventKind::SignIn).next_back().map(|event| (event.at, None));
        let has_signed_in = last.is_some();
        let failures = u32::try_from(failures).unwrap();
        Ok(SignInHistory { has_signed_in, knows_network: has_signed_in, failures, last })
    }
    async fn auth_event_counts(
        &mut self,
        user: UserId,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> StoreResult<EventCounts> {
        let all = self.recorded(user);
        let count = |within: TimeDelta, is_it: &dyn Fn(&RecordedEvent) -> bool| {
            let found = all.iter().filter(|one| now - one.event.at < within && is_it(one)).count();
            u32::try_from(found).unwrap()
        };
        let counts = |within| RiskCounts {
            high_risk: count(within, &|one| one.risk == Risk::High),
            failed_sign_ins: count(within, &|one| one.event.kind == AuthEventKind::SignInFailed),
            revoked_devices: count(within, &|one| one.event.kind == AuthEventKind::DeviceRevoked),
        };
        let is_theft = |one: &RecordedEvent| {
            one.event.signals.contains(&Signal::TokenReuse) && since.is_none_or(|since| one.event.at > since)
        };
        Ok(EventCounts {
            last_24h: counts(TimeDelta::hours(24)),
            last_7d: counts(TimeDelta::days(7)),
            thefts: count(TimeDelta::MAX, &is_theft),
        })
    }
    async fn auth_event_timeline(
        &mut self,
        user: UserId,
        _: DateTime<Utc>,
    ) -> StoreResult<Vec<RecordedEvent>> {
        Ok(self.recorded(user))
    }
    async fn auth_event_page(
        &mut self,
        user: UserId,
        _: Option<AuthEventId>,
        limit: Limit,
    ) -> StoreResult<Page<RecordedEvent>> {
        Ok(Page::from_rows(self.recorded(user), limit, |one| one.event.id))
    }
}

impl SecurityProfiles for Memory {
    async fn device_find(&mut self, user: UserId, id: DeviceId) -> StoreResult<Option<KnownDevice>> {
        Ok(self.devices.iter().find(|device| device.user == user && device.id == id).cloned())
    }
    async fn device_find_named(&mut self, user: UserId, named: &str) -> StoreResult<Option<KnownDevice>> {
        Ok(self.devices.iter().find(|device| device.user == user && device.named == named).cloned())
    }
    async fn device_list(&mut self, user: UserId) -> StoreResult<Vec<KnownDevice>> {
        let open = |device: &&KnownDevice| device.user == user && device.revoked_at.is_none();
        Ok(self.devices.iter().filter(open).cloned().collect())
    }
    async fn device_save(&mut self, device: &KnownDevice) -> StoreResult<()> {
        self.devices.retain(|other| other.id != device.id);
        self.devices.push(device.clone());
        Ok(())
    }
    async fn device_sessions_revoke(
        &mut self,
        user: UserId,
        named: &str,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        let is_it = |session: &&mut Session| {
            let on_it = session.origin.device.id.as_deref() == Some(named);
            session.user == user && on_it && session.revoked.is_none()
        };
        let ended = self.sessions.iter_mut().filter(is_it).map(|session| {
            session.revoked = Some(revocation);
            session.clone()
        });
        Ok(ended.collect())
    }
    async fn security_settings_find(&mut self, user: UserId) -> StoreResult<SecuritySettings> {
        Ok(self.settings.get(&user).copied().unwrap_or_default())
    }
    async fn security_settings_save(
        &mut self,
        user: UserId,
        settings: &SecuritySettings,
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.settings.insert(user, *settings);
        Ok(())
    }
}
