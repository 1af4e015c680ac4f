use super::*;
use crate::{
    Device, KnownDevice,
    testing::{Memory, NOW, owner, permit, session, user},
};
use futures::executor::block_on;

fn signed_in(is_trusted: bool) -> (Memory, Session) {
    let user = user();
    let session = Session { user: user.id, ..session() };
    let phone = Device::new(Some("phone".into()), None, None);
    let device = KnownDevice::first(user.id, "phone".into(), &phone, NOW).trust(is_trusted, NOW);
    let store = Memory {
        users: vec![user],
        sessions: vec![session.clone()],
        devices: vec![device],
        ..Memory::default()
    };
    (store, session)
}

fn edit(store: &mut Memory, session: &Session, settings: SecuritySettings) -> Result<(), String> {
    let permit = permit(session, &owner().0);
    let done = block_on(edit_security_settings(&permit, store, settings, NOW)).unwrap();
    done.map(|_| ()).map_err(|refusal| refusal.code().to_owned())
}

#[test]
fn aut_12_a_session_lasts_1_to_365_days() {
    let (mut store, session) = signed_in(false);
    for (days, taken) in [(0, false), (1, true), (365, true), (366, false)] {
        let settings = SecuritySettings { session_days: days, ..Default::default() };
        assert_eq!(edit(&mut store, &session, settings).is_ok(), taken, "{days}");
    }
    assert_eq!(store.settings[&session.user].session_days, 365);
    assert_eq!(store.recorded_kinds(), [AuthEventKind::SettingsChanged; 2]);
    assert_eq!(store.audit.len(), 2, "what changes nothing is not recorded");
}

#[test]
fn the_age_of_a_session_is_checked_to_the_moment() {
    let (settings, session) = (SecuritySettings { session_days: 7, ..Default::default() }, session());
    let end = session.created_at + TimeDelta::days(7);
    assert!(settings.check_age(&session, end - TimeDelta::microseconds(1)).is_ok());
    assert_eq!(settings.check_age(&session, end).unwrap_err().code(), "auth.session.expired");
}

#[test]
fn only_a_trusted_device_can_require_trusted_devices_or_stop_requiring_them() {
    let required = SecuritySettings { require_trusted_device: true, ..Default::default() };
    let (mut store, session) = signed_in(false);
    assert_eq!(edit(&mut store, &session, required), Err("auth.device.not_trusted".into()));
    let (mut store, session) = signed_in(true);
    assert_eq!(edit(&mut store, &session, required), Ok(()));
    let mut elsewhere = Session { id: tryzore_kernel::SessionId::generate(NOW), ..session.clone() };
    elsewhere.origin.device.id = Some("laptop".into());
    store.sessions.push(elsewhere.clone());
    let default = SecuritySettings::default();
    assert_eq!(edit(&mut store, &elsewhere, default), Err("auth.device.not_trusted".into()));
    assert_eq!(edit(&mut store, &session, default), Ok(()));
}
