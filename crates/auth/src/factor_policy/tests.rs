use super::*;
use crate::testing::{NOW, owner};
use tryzore_kernel::form::FieldErrors;

fn form() -> FactorPolicyForm {
    FactorPolicyForm { is_required: false, role_ids: Vec::new(), grace_days: 0, step_up: Vec::new() }
}

fn pointers(form: FactorPolicyForm) -> Vec<String> {
    let errors = form.check().map_err(FieldErrors::into_vec).err().unwrap_or_default();
    errors.into_iter().map(|error| error.pointer).collect()
}

#[test]
fn a_policy_has_0_to_90_days_of_grace_and_rules_of_1_to_1440_minutes() {
    for (grace_days, is_valid) in [(-1, false), (0, true), (90, true), (91, false)] {
        let errors = pointers(FactorPolicyForm { grace_days, ..form() });
        assert_eq!(errors.is_empty(), is_valid, "{grace_days}");
    }
    for (minutes, is_valid) in [(0, false), (1, true), (1440, true), (1441, false)] {
        let step_up = vec![("events.cancel".to_owned(), minutes)];
        let expected: &[&str] = if is_valid { &[] } else { &["/step_up/0/within_minutes"] };
        assert_eq!(pointers(FactorPolicyForm { step_up, ..form() }), expected, "{minutes}");
    }
    for (count, is_valid) in [(100, true), (101, false)] {
        let role_ids = (0..count).map(|_| RoleId::generate(NOW)).collect();
        assert_eq!(pointers(FactorPolicyForm { role_ids, ..form() }).is_empty(), is_valid, "{count}");
    }
}

#[test]
fn what_everyone_needs_to_verify_a_factor_cannot_require_one() {
    for text in ["own.profile", "events.*", "events.fly"] {
        let step_up = vec![(text.to_owned(), 5)];
        assert_eq!(pointers(FactorPolicyForm { step_up, ..form() }), ["/step_up/0/permission"], "{text}");
    }
    let twice = vec![("events.cancel".to_owned(), 5), ("events.cancel".to_owned(), 6)];
    assert_eq!(pointers(FactorPolicyForm { step_up: twice, ..form() }), ["/step_up/1/permission"]);
}

#[test]
fn a_rule_that_stays_keeps_its_beginning() {
    let (old, new) = (RoleId::generate(NOW), RoleId::generate(NOW));
    let draft = |is_required, role_ids| FactorPolicyForm { is_required, role_ids, ..form() }.check().unwrap();
    let later = NOW + TimeDelta::days(1);
    let first = FactorPolicy::default().change(draft(true, vec![old]), NOW);
    let second = first.change(draft(true, vec![old, new]), later);
    assert_eq!((second.everyone_since, second.roles[&old], second.roles[&new]), (Some(NOW), NOW, later));
    let lifted = second.change(draft(false, vec![new]), later);
    assert_eq!((lifted.everyone_since, lifted.roles.contains_key(&old), lifted.version), (None, false, 3));
    let again = lifted.change(draft(true, vec![old]), later);
    assert_eq!((again.everyone_since, again.roles[&old]), (Some(later), later), "it begins again");
}

#[test]
fn grace_is_counted_from_when_the_rule_began_to_apply_to_the_person() {
    let (holdings, _) = owner();
    let role = RoleId::generate(NOW);
    let day = |days| NOW + TimeDelta::days(days);
    let everyone = FactorPolicy { everyone_since: Some(NOW), grace_days: 14, ..FactorPolicy::default() };
    let of_role =
        FactorPolicy { roles: BTreeMap::from([(role, NOW)]), grace_days: 14, ..FactorPolicy::default() };
    let both = FactorPolicy { everyone_since: Some(day(9)), ..of_role.clone() };
    let subject = |joined: i64, held: &[i64]| FactorSubject {
        has_factor: false,
        joined_at: Some(day(joined)),
        roles: held.iter().map(|days| (role, day(*days))).collect(),
    };
    for (policy, subject, since) in [
        (&everyone, subject(-3, &[]), Some(0)),
        (&everyone, subject(3, &[]), Some(3)),
        (&of_role, subject(-3, &[]), None),
        (&of_role, subject(-3, &[-2]), Some(0)),
        (&of_role, subject(-3, &[5, 7]), Some(5)),
        (&both, subject(-3, &[5]), Some(5)),
        (&both, subject(-3, &[11]), Some(9)),
    ] {
        let due = policy.enrollment(&subject, &holdings);
        let expected = since.map(|since| (day(since), day(since + 14)));
        assert_eq!(due.map(|due| (due.required_since, due.grace_ends_at)), expected, "{subject:?}");
        let has_factor = FactorSubject { has_factor: true, ..subject };
        assert_eq!(policy.enrollment(&has_factor, &holdings), None);
    }
}

#[test]
fn the_grace_ends_after_whole_days_and_at_once_when_there_are_none() {
    let (holdings, _) = owner();
    for days in [0, 1, 90] {
        let policy = FactorPolicy { everyone_since: Some(NOW), grace_days: days, ..FactorPolicy::default() };
        let due = policy.enrollment(&FactorSubject::default(), &holdings).unwrap();
        let end = NOW + TimeDelta::days(days.into());
        assert!(due.is_over(end) && !due.is_over(end - TimeDelta::microseconds(1)), "{days}");
    }
}

#[test]
fn clients_need_no_factor() {
    let policy = FactorPolicy { everyone_since: Some(NOW), ..FactorPolicy::default() };
    let client = Holdings { is_client: true, ..Holdings::default() };
    assert_eq!(policy.enrollment(&FactorSubject::default(), &client), None);
}
