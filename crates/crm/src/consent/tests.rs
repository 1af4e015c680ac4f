use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn scope(channel: ConsentChannel, organization: Option<OrganizationId>) -> ConsentScope {
    ConsentScope { purpose: ConsentPurpose::Marketing, channel, organization }
}

/// A ledger of these answers, in this order.
fn ledger(answers: &[(ConsentScope, bool)]) -> Vec<ConsentEntry> {
    let entry = |(position, (scope, is_given)): (i64, &(ConsentScope, bool))| ConsentEntry {
        id: ConsentId::generate(NOW),
        position,
        client: uuid::Uuid::nil().into(),
        scope: *scope,
        text_version: Some(2),
        is_given: *is_given,
        source: ConsentSource::App,
        proof: ConsentProof::default(),
        at: NOW,
    };
    (1..).zip(answers).map(entry).collect()
}

#[test]
fn aut_18_without_an_answer_there_is_no_consent() {
    assert!(!is_given(&[], &scope(ConsentChannel::Email, None)));
    let other = ledger(&[(scope(ConsentChannel::Sms, None), true)]);
    assert!(!is_given(&other, &scope(ConsentChannel::Email, None)));
    assert!(!is_given(&other, &scope(ConsentChannel::Any, None)), "one channel is not every channel");
    let reminders = ConsentScope { purpose: ConsentPurpose::Reminders, ..scope(ConsentChannel::Sms, None) };
    assert!(!is_given(&other, &reminders));
}

#[test]
fn aut_18_a_withdrawal_of_any_channel_withdraws_every_channel() {
    use ConsentChannel::{Any, Email, Phone, Push, Sms};
    let mut answers: Vec<_> = [Email, Sms, Push, Phone].map(|channel| (scope(channel, None), true)).to_vec();
    answers.push((scope(Any, None), false));
    let entries = ledger(&answers);
    for channel in [Email, Sms, Push, Phone, Any] {
        assert!(!is_given(&entries, &scope(channel, None)), "{channel:?}");
    }
    assert!(current(&entries, &TextVersions::new()).iter().all(|one| !one.entry.is_given));
    // Another answer afterwards counts for its channel alone.
    answers.push((scope(Sms, None), true));
    let entries = ledger(&answers);
    assert!(is_given(&entries, &scope(Sms, None)) && !is_given(&entries, &scope(Email, None)));
}

#[test]
fn aut_18_an_answer_for_all_locations_counts_at_each_and_one_for_a_location_only_there() {
    let [here, there] = [1, 2].map(|n| Some(OrganizationId::from(uuid::Uuid::from_u128(n))));
    let email = ConsentChannel::Email;
    let entries = ledger(&[(scope(email, None), true), (scope(email, here), false)]);
    assert!(!is_given(&entries, &scope(email, here)));
    assert!(is_given(&entries, &scope(email, there)) && is_given(&entries, &scope(email, None)));
    let entries = ledger(&[(scope(email, here), true), (scope(email, None), false)]);
    assert!(!is_given(&entries, &scope(email, here)));
}

#[test]
fn the_newest_answer_to_each_question_is_enough() {
    let email = scope(ConsentChannel::Email, None);
    let all =
        ledger(&[(email, true), (scope(ConsentChannel::Any, None), false), (email, true), (email, false)]);
    let newest = [all[1].clone(), all[3].clone()];
    assert_eq!(current(&all, &TextVersions::new()), current(&newest, &TextVersions::new()));
}

#[test]
fn a_consent_to_a_replaced_text_is_outdated_and_a_withdrawal_never() {
    let outdated = |is_given, text_version, newest: Option<i32>| {
        let mut entries = ledger(&[(scope(ConsentChannel::Email, None), is_given)]);
        entries[0].text_version = text_version;
        let texts = newest.map(|version| (ConsentPurpose::Marketing, version)).into_iter().collect();
        current(&entries, &texts)[0].is_outdated
    };
    assert!(!outdated(true, Some(2), Some(2)));
    assert!(outdated(true, Some(2), Some(3)));
    assert!(outdated(true, None, Some(1)), "it was given before there was a text");
    assert!(!outdated(true, None, None));
    assert!(!outdated(false, Some(1), Some(3)));
}
