use super::*;
use crate::{
    Device, RefreshToken, SecuritySettings,
    testing::{Memory, NOW, hash, owner, permit, session, user},
};
use futures::executor::block_on;
use tryzore_kernel::{SessionId, UserId};

/// A user with a session on each of these devices, and the permit of the first session.
fn on(devices: &[&str]) -> (Memory, Permit<OwnSecurity>) {
    let user = user();
    let mut store = Memory { users: vec![user.clone()], ..Memory::default() };
    for (number, named) in (1_u8..).zip(devices) {
        let mut one = Session { id: SessionId::generate(NOW), user: user.id, ..session() };
        one.origin.device = Device::new(Some((*named).into()), None, None);
        store.tokens.push(RefreshToken::first(&one, hash(number), NOW));
        store.devices.push(KnownDevice::first(user.id, (*named).into(), &one.origin.device, NOW));
        store.sessions.push(one);
    }
    let permit = permit(&store.sessions[0], &owner().0);
    (store, permit)
}

fn form(is_trusted: bool) -> DeviceForm {
    DeviceForm { name: " Phone ".into(), is_trusted }
}

#[test]
fn aut_13_a_device_is_named_and_trusted_by_its_user_alone() {
    let (mut store, permit) = on(&["phone"]);
    let id = store.devices[0].id;
    let edited = block_on(edit_device(&permit, &mut store, id, form(true), NOW)).unwrap().unwrap();
    assert_eq!((edited.device.name.as_deref(), edited.is_current), (Some("Phone"), true));
    assert_eq!(edited.device.trusted_at, Some(NOW));
    assert_eq!(store.recorded_kinds(), [AuthEventKind::DeviceTrusted]);
    block_on(edit_device(&permit, &mut store, id, form(true), NOW)).unwrap().unwrap();
    assert_eq!(store.auth_events.len(), 1, "it was trusted already");

    store.devices[0].user = UserId::generate(NOW);
    let strange = block_on(edit_device(&permit, &mut store, id, form(true), NOW)).unwrap();
    assert_eq!(strange.unwrap_err(), Refusal::NotFound("device"));
    assert_eq!(
        block_on(revoke_device(&permit, &mut store, id, NOW)).unwrap(),
        Err(Refusal::NotFound("device"))
    );
}

#[test]
fn the_name_of_a_device_has_1_to_100_characters() {
    let (mut store, permit) = on(&["phone"]);
    let id = store.devices[0].id;
    for (length, taken) in [(0, false), (1, true), (100, true), (101, false)] {
        let form = DeviceForm { name: "é".repeat(length), is_trusted: false };
        let done = block_on(edit_device(&permit, &mut store, id, form, NOW)).unwrap();
        assert_eq!(done.is_ok(), taken, "{length}");
    }
}

#[test]
fn aut_13_revoking_a_device_ends_its_sessions_and_tokens_and_no_others() {
    let (mut store, permit) = on(&["phone", "laptop", "laptop"]);
    store.devices.remove(2);
    let laptop = store.devices[1].clone();
    assert_eq!(block_on(revoke_device(&permit, &mut store, laptop.id, NOW)).unwrap(), Ok(2));
    let live: Vec<bool> = store.sessions.iter().map(|session| session.revoked.is_none()).collect();
    assert_eq!(live, [true, false, false]);
    let tokens: Vec<usize> = store.sessions.iter().map(|session| store.live_tokens(session.id)).collect();
    assert_eq!(tokens, [1, 0, 0]);
    assert_eq!(store.kinds(), ["auth.session_revoked"; 2]);
    assert_eq!(store.recorded_kinds()[0], AuthEventKind::DeviceRevoked);
    assert_eq!(block_on(list_devices(&permit, &mut store)).unwrap().unwrap().len(), 1);
    assert_eq!(block_on(revoke_device(&permit, &mut store, laptop.id, NOW)).unwrap(), Ok(0));
    let gone = block_on(edit_device(&permit, &mut store, laptop.id, form(true), NOW)).unwrap();
    assert_eq!(gone.unwrap_err(), Refusal::NotFound("device"), "it is trusted again only after it signed in");
}

#[test]
fn while_trust_is_required_only_a_trusted_device_gives_and_takes_it() {
    let (mut store, permit) = on(&["stranger", "phone"]);
    let user = store.users[0].id;
    store.devices[1].trusted_at = Some(NOW);
    let settings = SecuritySettings { require_trusted_device: true, ..Default::default() };
    store.settings.insert(user, settings);
    let [stranger, phone] = [store.devices[0].id, store.devices[1].id];
    let own = block_on(edit_device(&permit, &mut store, stranger, form(true), NOW)).unwrap();
    assert_eq!(own.unwrap_err().code(), "auth.device.not_trusted");
    let other = block_on(revoke_device(&permit, &mut store, phone, NOW)).unwrap();
    assert_eq!(other.unwrap_err().code(), "auth.device.not_trusted");
    assert!(block_on(edit_device(&permit, &mut store, stranger, form(false), NOW)).unwrap().is_ok());

    let permit = crate::testing::permit(&store.sessions[1], &owner().0);
    assert!(block_on(edit_device(&permit, &mut store, stranger, form(true), NOW)).unwrap().is_ok());
}
