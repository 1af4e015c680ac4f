//! Recording consents (AUT-18).

use crate::support::{Memory, client_permit, now, organization, permit, staff_of, today};
use futures::executor::block_on;
use tryzore_crm::{
    Client, ClientForm, ClientPatch, ConsentSource, Country, OwnPatch, UseCaseError, add_client,
    archive_client,
    consent::{
        ConsentChannel, ConsentForm, ConsentPurpose, ConsentTextForm, get_consents, get_own_consents,
        record_consent, record_own_consent, save_consent_text,
    },
    edit_client, edit_own,
};
use tryzore_kernel::OrganizationId;

fn ada(tx: &mut Memory, more: &str) -> Client {
    let json = format!(r#"{{"given_name":"Ada","email":"ada@example.com"{more}}}"#);
    let form: ClientForm = serde_json::from_str(&json).unwrap();
    let draft = form.check(Country::ITALY, today()).unwrap();
    block_on(add_client(&permit(), tx, organization(), draft, today(), now())).unwrap().client
}

fn answer(channel: ConsentChannel, is_given: bool) -> ConsentForm {
    let purpose = ConsentPurpose::Marketing;
    ConsentForm { purpose, channel, organization: None, is_given, text_version: None }
}

fn set_text(tx: &mut Memory, text: &str) -> i32 {
    let form = ConsentTextForm { text: text.into() };
    block_on(save_consent_text(&permit(), tx, ConsentPurpose::Marketing, form, now())).unwrap().version
}

#[test]
fn aut_18_a_client_gives_and_withdraws_and_every_answer_stays() {
    let mut tx = Memory::default();
    let ada = ada(&mut tx, "");
    let permit = client_permit(ada.user);
    for is_given in [true, false] {
        let form = answer(ConsentChannel::Email, is_given);
        block_on(record_own_consent(&permit, &mut tx, form, now())).unwrap();
    }
    let held = block_on(get_own_consents(&permit, &mut tx)).unwrap();
    assert_eq!((held.len(), held[0].entry.is_given), (1, false));
    assert_eq!(tx.consents.len(), 2);
    let proof = &tx.consents[0];
    assert_eq!((proof.source, proof.proof.recorded_by), (ConsentSource::App, Some(ada.user)));
    assert_eq!(tx.events_of("crm.consent_recorded"), 2);
    assert_eq!(tx.audit.last().unwrap().action, "consents.record");
}

#[test]
fn aut_18_the_profile_and_the_ledger_always_agree() {
    let mut tx = Memory::default();
    let ada = ada(&mut tx, r#","marketing_consent":true"#);
    let told = |tx: &Memory| {
        let last = tx.consents.last().unwrap();
        (last.is_given, last.source, tx.consents.len())
    };
    assert_eq!(told(&tx), (true, ConsentSource::Staff, 1));
    // Changed in the profile, by the client and by staff.
    let patch: OwnPatch = serde_json::from_str(r#"{"marketing_consent":false}"#).unwrap();
    let change = patch.check(Country::ITALY, today()).unwrap();
    block_on(edit_own(&client_permit(ada.user), &mut tx, None, change.clone(), now())).unwrap();
    assert_eq!(told(&tx), (false, ConsentSource::App, 2));
    block_on(edit_own(&client_permit(ada.user), &mut tx, None, change, now())).unwrap();
    assert_eq!(tx.consents.len(), 2, "nothing changed");
    let patch: ClientPatch = serde_json::from_str(r#"{"marketing_consent":true}"#).unwrap();
    let change = patch.check(Country::ITALY, today()).unwrap();
    let version = tx.clients[&ada.id].version;
    block_on(edit_client(&permit(), &mut tx, ada.id, version, change, now())).unwrap();
    assert_eq!(told(&tx), (true, ConsentSource::Staff, 3));
    // Changed in the ledger.
    let form = answer(ConsentChannel::Any, false);
    block_on(record_own_consent(&client_permit(ada.user), &mut tx, form, now())).unwrap();
    assert_eq!((tx.clients[&ada.id].marketing_consent, tx.consents.len()), (Some(false), 4));
    let form = answer(ConsentChannel::Email, true);
    block_on(record_own_consent(&client_permit(ada.user), &mut tx, form, now())).unwrap();
    assert_eq!(tx.clients[&ada.id].marketing_consent, Some(false), "one channel is not every channel");
}

#[test]
fn a_consent_to_a_replaced_text_is_shown_as_outdated() {
    let mut tx = Memory::default();
    let ada = ada(&mut tx, "");
    assert_eq!(
        (set_text(&mut tx, "One."), set_text(&mut tx, " One. "), set_text(&mut tx, "Two.")),
        (1, 1, 2)
    );
    let permit = client_permit(ada.user);
    let form = |text_version| ConsentForm { text_version, ..answer(ConsentChannel::Email, true) };
    for version in [None, Some(1), Some(3)] {
        let refused = block_on(record_own_consent(&permit, &mut tx, form(version), now()));
        assert!(matches!(refused, Err(UseCaseError::Invalid(_))), "{version:?}");
    }
    let given = block_on(record_own_consent(&permit, &mut tx, form(Some(2)), now())).unwrap();
    assert!(!given.is_outdated);
    set_text(&mut tx, "Three.");
    assert!(block_on(get_own_consents(&permit, &mut tx)).unwrap()[0].is_outdated);
}

#[test]
fn staff_record_for_clients_of_their_location_and_a_withdrawal_is_always_possible() {
    let mut tx = Memory::default();
    let ada = ada(&mut tx, "");
    let elsewhere = OrganizationId::from(uuid::Uuid::from_u128(2));
    let by = || (ConsentSource::Form, Some("Form 12".to_owned()));
    let form = || answer(ConsentChannel::Sms, true);
    let hidden = block_on(record_consent(&staff_of(elsewhere), &mut tx, ada.id, form(), by(), now()));
    assert!(matches!(hidden, Err(UseCaseError::NotFound(_))));
    let there = ConsentForm { organization: Some(elsewhere), ..form() };
    let hidden = block_on(record_consent(&staff_of(organization()), &mut tx, ada.id, there, by(), now()));
    assert!(matches!(hidden, Err(UseCaseError::NotFound(_))));
    block_on(record_consent(&staff_of(organization()), &mut tx, ada.id, form(), by(), now())).unwrap();
    assert_eq!(tx.consents[0].proof.note.as_deref(), Some("Form 12"));
    assert_eq!(block_on(get_consents(&staff_of(organization()), &mut tx, ada.id)).unwrap().len(), 1);
    let hidden = block_on(get_consents(&staff_of(elsewhere), &mut tx, ada.id));
    assert!(matches!(hidden, Err(UseCaseError::NotFound(_))));

    block_on(archive_client(&permit(), &mut tx, ada.id, 1, now())).unwrap();
    let refused = block_on(record_consent(&permit(), &mut tx, ada.id, form(), by(), now()));
    assert!(matches!(refused, Err(UseCaseError::Denied(denial)) if denial.code == "crm.edit.archived"));
    let withdrawn = answer(ConsentChannel::Any, false);
    assert!(block_on(record_consent(&permit(), &mut tx, ada.id, withdrawn, by(), now())).is_ok());
}

#[test]
fn a_text_counts_everywhere_so_whoever_changes_it_changes_settings_everywhere() {
    let mut tx = Memory::default();
    let form = ConsentTextForm { text: "One.".into() };
    let some = crate::support::settings_of(organization());
    let refused = block_on(save_consent_text(&some, &mut tx, ConsentPurpose::Photos, form, now()));
    assert!(
        matches!(refused, Err(UseCaseError::Denied(denial)) if denial.code == "crm.consent_text.other_locations")
    );
    assert!(tx.texts.is_empty());
    for (length, taken) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
        let form = ConsentTextForm { text: "é".repeat(length) };
        let done = block_on(save_consent_text(&permit(), &mut tx, ConsentPurpose::Photos, form, now()));
        assert_eq!(done.is_ok(), taken, "{length}");
    }
}
