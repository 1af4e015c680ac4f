//! Tests of the use cases with a store and a domain in memory (SUP-09).

mod memory;

use crate::{
    OverrideForm, OverrideStatus, UseCaseError, confirm, execute, manual_override::EXECUTE_WITHIN, propose,
    revert, settle_due,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use memory::{Memory, TICK, noon};
use serde_json::json;
use tryzore_kernel::UserId;

fn form() -> OverrideForm {
    OverrideForm {
        kind: "light".into(),
        target: "lamp".into(),
        change: json!({ "to": "on" }),
        reason: "It is too dark here".into(),
        confirm_within_hours: None,
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> String {
    match outcome.unwrap_err() {
        UseCaseError::Denied(denial) => {
            assert!(denial.remedy.is_some(), "{} says what would change it", denial.code);
            denial.code.into_owned()
        }
        UseCaseError::Invalid(errors) => errors.pointers().join(","),
        other => other.to_string(),
    }
}

#[test]
fn sup_09_an_override_is_previewed_executed_and_confirmed_by_somebody_else() {
    let mut memory = Memory::open();
    let (ada, grace) = (memory.ada(), memory.grace());
    let proposed = block_on(propose(&ada, &mut memory, form(), noon())).unwrap();
    assert_eq!(
        (proposed.status, memory.light.as_str()),
        (OverrideStatus::Proposed, "off"),
        "nothing changes yet"
    );
    assert_eq!((&proposed.preview.before, &proposed.preview.after), (&json!("off"), &json!("on")));
    let executed = block_on(execute(&ada, &mut memory, proposed.id, noon())).unwrap();
    assert_eq!((executed.status, memory.light.as_str()), (OverrideStatus::Executed, "on"));
    let until = executed.executed.unwrap().confirm_by;
    assert_eq!(until, noon() + TimeDelta::hours(24));
    assert_eq!(
        code(block_on(confirm(&ada, &mut memory, proposed.id, noon()))),
        "support.override.own_confirmation"
    );
    let confirmed = block_on(confirm(&grace, &mut memory, proposed.id, until - TICK)).unwrap();
    assert_eq!((confirmed.status, memory.light.as_str()), (OverrideStatus::Confirmed, "on"));
    let late = block_on(settle_due(&memory.system(), &mut memory, proposed.id, until + TICK)).unwrap();
    assert_eq!((late, memory.light.as_str()), (confirmed, "on"), "what was confirmed stays");
    let steps: Vec<_> = memory.steps.iter().map(|step| (step.version, step.step)).collect();
    assert_eq!(steps, [(1, "propose"), (2, "execute"), (3, "confirm")]);
    assert_eq!(memory.audit.len(), 3);
    let kinds: Vec<_> = memory.events.iter().map(|event| &*event.kind).collect();
    assert_eq!(
        kinds,
        ["support.override_proposed", "support.override_executed", "support.override_confirmed"]
    );
    assert!(memory.events.iter().all(|event| event.audience.permission() == Some("settings.manage_roles")));
}

#[test]
fn sup_09_whoever_is_alone_confirms_themselves() {
    let mut memory = Memory::open();
    memory.others = 0;
    let ada = memory.ada();
    let proposed = block_on(propose(&ada, &mut memory, form(), noon())).unwrap();
    block_on(execute(&ada, &mut memory, proposed.id, noon())).unwrap();
    let confirmed = block_on(confirm(&ada, &mut memory, proposed.id, noon())).unwrap();
    assert_eq!(confirmed.status, OverrideStatus::Confirmed);
}

#[test]
fn sup_09_only_who_proposed_executes_and_within_15_minutes() {
    let mut memory = Memory::open();
    let (ada, grace) = (memory.ada(), memory.grace());
    let id = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    assert_eq!(code(block_on(execute(&grace, &mut memory, id, noon()))), "support.override.not_proposer");
    let end = noon() + EXECUTE_WITHIN;
    assert_eq!(code(block_on(execute(&ada, &mut memory, id, end))), "support.override.expired");
    let executed = block_on(execute(&ada, &mut memory, id, end - TICK)).unwrap();
    assert_eq!(executed.status, OverrideStatus::Executed);
    let again = block_on(execute(&ada, &mut memory, id, end - TICK));
    assert_eq!(code(again), "support.override.not_proposed", "once only");
    assert_eq!(memory.refused(), ["not_proposer", "expired", "not_proposed"], "each refusal is recorded");
}

#[test]
fn sup_09_a_proposal_that_nobody_executed_expires() {
    let mut memory = Memory::open();
    let ada = memory.ada();
    let id = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    let end = noon() + EXECUTE_WITHIN;
    let early = block_on(settle_due(&memory.system(), &mut memory, id, end - TICK)).unwrap();
    assert_eq!(early.status, OverrideStatus::Proposed);
    for _ in 0..2 {
        let expired = block_on(settle_due(&memory.system(), &mut memory, id, end)).unwrap();
        assert_eq!((expired.status, expired.version), (OverrideStatus::Expired, 2), "once only");
    }
    assert_eq!(code(block_on(execute(&ada, &mut memory, id, noon()))), "support.override.expired");
}

#[test]
fn sup_09_a_state_that_has_changed_since_the_preview_is_not_overridden() {
    let mut memory = Memory::open();
    let ada = memory.ada();
    let id = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    memory.light = "broken".into();
    assert_eq!(code(block_on(execute(&ada, &mut memory, id, noon()))), "support.override.changed");
    assert_eq!(memory.light, "broken");
    memory.light = "off".into();
    block_on(execute(&ada, &mut memory, id, noon())).unwrap();
}

#[test]
fn sup_09_a_target_has_one_open_override_at_most() {
    let mut memory = Memory::open();
    let (ada, grace) = (memory.ada(), memory.grace());
    let first = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    let second = |memory: &mut Memory, now| block_on(propose(&grace, memory, form(), now));
    assert_eq!(code(second(&mut memory, noon() + EXECUTE_WITHIN - TICK)), "support.override.open");
    let after = second(&mut memory, noon() + EXECUTE_WITHIN).unwrap();
    assert_eq!(memory.status(first), OverrideStatus::Expired, "the next proposal ends the expired one");
    let now = noon() + EXECUTE_WITHIN;
    block_on(execute(&grace, &mut memory, after.id, now)).unwrap();
    assert_eq!(
        code(second(&mut memory, now + TimeDelta::days(9))),
        "support.override.open",
        "until it is settled"
    );
    block_on(revert(&ada, &mut memory, after.id, now)).unwrap();
    second(&mut memory, now).unwrap();
}

#[test]
fn sup_09_what_nobody_confirms_is_taken_back_to_the_microsecond_and_once() {
    let mut memory = Memory::open();
    let (ada, grace) = (memory.ada(), memory.grace());
    let asked = OverrideForm { confirm_within_hours: Some(1), ..form() };
    let id = block_on(propose(&ada, &mut memory, asked, noon())).unwrap().id;
    block_on(execute(&ada, &mut memory, id, noon())).unwrap();
    let end = noon() + TimeDelta::hours(1);
    block_on(settle_due(&memory.system(), &mut memory, id, end - TICK)).unwrap();
    assert_eq!(memory.light, "on");
    assert_eq!(code(block_on(confirm(&grace, &mut memory, id, end))), "support.override.confirmed_too_late");
    for _ in 0..2 {
        let reverted = block_on(settle_due(&memory.system(), &mut memory, id, end)).unwrap();
        assert_eq!((reverted.status, reverted.version), (OverrideStatus::Reverted, 3));
        assert_eq!(reverted.settled.unwrap().by, None, "the product did it");
        assert_eq!(memory.light, "off");
    }
    assert_eq!(code(block_on(confirm(&grace, &mut memory, id, end))), "support.override.not_executed");
    assert_eq!(code(block_on(revert(&grace, &mut memory, id, end))), "support.override.not_executed");
}

#[test]
fn sup_09_a_change_that_cannot_be_taken_back_raises_an_alarm_and_waits_for_a_person() {
    let mut memory = Memory::open();
    let (ada, grace) = (memory.ada(), memory.grace());
    let id = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    block_on(execute(&ada, &mut memory, id, noon())).unwrap();
    memory.light = "broken".into();
    let end = noon() + TimeDelta::hours(24);
    for _ in 0..2 {
        let failed = block_on(settle_due(&memory.system(), &mut memory, id, end)).unwrap();
        assert_eq!((failed.status, failed.version), (OverrideStatus::RevertFailed, 3), "once only");
        assert_eq!(failed.failure.as_deref(), Some("light.broken"));
    }
    let alarms = memory.events.iter().filter(|event| event.kind == "support.override_revert_failed").count();
    assert_eq!(alarms, 1);
    assert_eq!(code(block_on(revert(&grace, &mut memory, id, end))), "light.broken");
    let confirmed = block_on(confirm(&grace, &mut memory, id, end)).unwrap();
    assert_eq!((confirmed.status, confirmed.failure), (OverrideStatus::Confirmed, None));
}

#[test]
fn sup_09_the_reason_has_10_to_500_characters_and_the_time_is_one_hour_to_a_week() {
    let check = |reason: &str, hours| {
        let asked = OverrideForm { reason: reason.into(), confirm_within_hours: hours, ..form() };
        asked.check().map_err(|errors| errors.pointers().join(","))
    };
    for fine in [("r".repeat(10), Some(1)), ("r".repeat(500), Some(168)), ("ten or more".into(), None)] {
        assert!(check(&fine.0, fine.1).is_ok(), "{fine:?}");
    }
    for (reason, hours, pointers) in [
        ("r".repeat(9), Some(1), "/reason"),
        ("r".repeat(501), Some(1), "/reason"),
        (" ".repeat(20), Some(1), "/reason"),
        ("r".repeat(10), Some(0), "/confirm_within_hours"),
        ("r".repeat(10), Some(169), "/confirm_within_hours"),
        (String::new(), Some(-1), "/reason,/confirm_within_hours"),
    ] {
        assert_eq!(check(&reason, hours).unwrap_err(), pointers);
    }
    let asked = OverrideForm { kind: String::new(), target: "t".repeat(101), change: json!([]), ..form() };
    assert_eq!(asked.check().unwrap_err().pointers(), ["/kind", "/target", "/change"]);
}

#[test]
fn sup_09_an_override_of_another_location_is_as_if_it_were_not() {
    let mut memory = Memory::open();
    let (ada, stranger) = (memory.ada(), memory.staff_elsewhere(UserId::generate(noon())));
    let id = block_on(propose(&ada, &mut memory, form(), noon())).unwrap().id;
    assert_eq!(code(block_on(propose(&stranger, &mut memory, form(), noon()))), "no such override target");
    assert_eq!(code(block_on(execute(&stranger, &mut memory, id, noon()))), "no such override");
    block_on(execute(&ada, &mut memory, id, noon())).unwrap();
    assert_eq!(code(block_on(confirm(&stranger, &mut memory, id, noon()))), "no such override");
    assert_eq!(code(block_on(revert(&stranger, &mut memory, id, noon()))), "no such override");
}
