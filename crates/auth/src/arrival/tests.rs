use super::*;
use crate::{
    Device, Risk,
    risk::Nowhere,
    testing::{Memory, NOW, session},
};
use chrono::TimeDelta;
use futures::executor::block_on;

fn sign_in(store: &mut Memory, on: &Session, device: Option<&str>, now: DateTime<Utc>) -> Session {
    let mut session = Session { created_at: now, expires_at: now + TimeDelta::days(30), ..on.clone() };
    session.origin.device = Device::new(device.map(Into::into), None, None);
    block_on(record(store, session, &Nowhere, now)).unwrap()
}

#[test]
fn aut_13_the_first_device_is_no_news_and_the_second_is() {
    let (mut store, session) = (Memory::default(), session());
    sign_in(&mut store, &session, Some("phone"), NOW);
    sign_in(&mut store, &session, Some("phone"), NOW);
    assert!(store.events.is_empty());
    sign_in(&mut store, &session, Some("laptop"), NOW);
    assert_eq!(store.kinds(), ["auth.signed_in_on_new_device"]);
    assert_eq!(store.auth_events[2].signals, [Signal::NewDevice]);
    assert_eq!(store.auth_events[2].risk(), Risk::Elevated);
    sign_in(&mut store, &session, Some("laptop"), NOW);
    assert_eq!((store.events.len(), store.devices.len()), (1, 2));
    assert_eq!(store.auth_events[3].device, Some(store.devices[1].id));
    assert!(store.auth_events.iter().all(|event| event.session == Some(session.id)));
}

#[test]
fn a_new_device_after_ten_failures_looks_like_a_stranger() {
    for (failures, risk) in [(9, Risk::Elevated), (10, Risk::High)] {
        let (mut store, session) = (Memory::default(), session());
        sign_in(&mut store, &session, Some("phone"), NOW);
        for _ in 0..failures {
            store.auth_events.push(AuthEvent::new(AuthEventKind::SignInFailed, session.user, NOW));
        }
        sign_in(&mut store, &session, Some("laptop"), NOW);
        assert_eq!(store.auth_events.last().unwrap().risk(), risk, "{failures}");
    }
}

#[test]
fn a_session_lasts_as_long_as_its_user_wants() {
    for (days, ends) in [(1, 1), (29, 29), (31, 30)] {
        let (mut store, session) = (Memory::default(), session());
        let settings = crate::SecuritySettings { session_days: days, ..Default::default() };
        store.settings.insert(session.user, settings);
        let entered = sign_in(&mut store, &session, None, NOW);
        assert_eq!(entered.expires_at, NOW + TimeDelta::days(ends));
    }
}
