use super::*;
use crate::{Device, auth_event::RiskCounts, testing::NOW};
use tryzore_kernel::UserId;

fn device(first_seen_at: DateTime<Utc>) -> KnownDevice {
    let device = Device::new(Some("phone".into()), None, None);
    KnownDevice::first(UserId::generate(NOW), "phone".into(), &device, first_seen_at)
}

fn codes(counts: EventCounts, devices: &[KnownDevice], has_factor: bool, sessions: usize) -> Vec<ActionCode> {
    let facts = Facts { counts, devices, has_factor, sessions };
    actions(&facts, NOW).into_iter().map(|action| action.code).collect()
}

#[test]
fn aut_15_nothing_is_to_do_in_an_account_in_order() {
    assert_eq!(codes(EventCounts::default(), &[device(NOW)], true, 10), []);
}

#[test]
fn aut_15_each_action_has_its_limit() {
    let none = EventCounts::default();
    assert_eq!(codes(none, &[], true, 11), [ActionCode::TooManySessions]);
    assert_eq!(codes(none, &[], false, 1), [ActionCode::AddSecondFactor]);
    let thefts = EventCounts { thefts: 1, ..none };
    assert_eq!(codes(thefts, &[], true, 1), [ActionCode::ChangePassword]);
    let failed = |failed_sign_ins| {
        let last_24h = RiskCounts { failed_sign_ins, ..RiskCounts::default() };
        codes(EventCounts { last_24h, ..none }, &[], true, 1)
    };
    assert_eq!(failed(9), []);
    assert_eq!(failed(10), [ActionCode::ReviewFailedSignIns]);
}

#[test]
fn a_new_device_is_to_be_reviewed_for_seven_days_unless_it_is_trusted_or_the_only_one() {
    let old = device(NOW - REVIEW);
    let new = device(NOW - REVIEW + TimeDelta::microseconds(1));
    let of = |devices: &[KnownDevice]| codes(EventCounts::default(), devices, true, 1);
    assert_eq!(of(&[old.clone(), new.clone()]), [ActionCode::ReviewNewDevice]);
    assert_eq!(of(&[old.clone(), old.clone()]), []);
    assert_eq!(of(&[old, new.clone().trust(true, NOW)]), []);
    assert_eq!(of(&[new]), []);
}
