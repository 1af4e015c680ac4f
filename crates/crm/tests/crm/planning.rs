//! Files that meet clients who are there already.

use crate::support::{
    Memory,
    import::{check, import, import_text},
    now, options, organization, permit, staff_of, today,
};
use futures::executor::block_on;
use tryzore_crm::{
    Client, UseCaseError, archive_client,
    import::{
        BATCH_ROWS, Caution, ImportOptions, ImportReader, ImportReport, ImportState, OnMatch, Reason,
        confirm_import, discard_import, expire_import, fail_import, finish_import, get_import, run_batch,
    },
};
use tryzore_kernel::{OrganizationId, Problem};

fn counts(report: &ImportReport) -> (u32, u32, u32, u32) {
    (report.created, report.updated, report.unchanged, report.refused)
}

fn only(tx: &Memory) -> Client {
    assert_eq!(tx.clients.len(), 1);
    tx.clients.values().next().cloned().unwrap()
}

fn with_anna() -> Memory {
    let mut tx = Memory::default();
    let text =
        "Nome,Cognome,Email,Cellulare,Lingua,Marketing\nAnna,Rossi,anna@example.com,333 1234567,it,no\n";
    assert_eq!(counts(&import_text(&mut tx, text)), (1, 0, 0, 0));
    tx
}

#[test]
fn the_same_address_is_the_same_client_and_the_file_wins_but_empties_nothing() {
    let mut tx = with_anna();
    let text = "Nome,Cognome,Email,Cellulare,Lingua\nAnna Maria,Rossi,ANNA@example.com,333 7654321,\n";
    let report = import_text(&mut tx, text);
    assert_eq!((counts(&report), report.by_caution.get(&Caution::PhoneDiffers)), ((0, 1, 0, 0), Some(&1)));
    let anna = only(&tx);
    assert_eq!((anna.version, anna.name.to_string().as_str()), (2, "Anna Maria Rossi"));
    assert_eq!(anna.contact.phone().unwrap().as_str(), "+393331234567", "who is known by a number keeps it");
    assert_eq!(anna.locale.unwrap().as_str(), "it");
    assert_eq!(counts(&import_text(&mut tx, text)), (0, 0, 1, 0), "again, and nothing changes");
    assert_eq!(only(&tx).version, 2);
}

#[test]
fn an_address_is_one_client_however_its_host_is_written() {
    let mut tx = Memory::default();
    let text = "Nome,Email\nAnna,user@müller.example\nBea,USER@xn--mller-kva.example\nCleo,user@mu\u{308}ller.example\n";
    let report = import_text(&mut tx, text);
    assert_eq!((counts(&report), report.by_reason.get(&Reason::DuplicateInFile)), ((1, 0, 0, 2), Some(&2)));
    assert_eq!(counts(&import_text(&mut tx, "Nome,Email\nAnna,user@xn--mller-kva.example\n")), (0, 0, 1, 0));
}

#[test]
fn clients_who_are_there_stay_as_they_are_when_the_importer_says_so() {
    let mut tx = with_anna();
    let skip = ImportOptions { on_match: OnMatch::Skip, ..options() };
    let text = b"Nome,Email\nAnnamaria,anna@example.com\nBea,bea@example.com\n";
    assert_eq!(counts(&import(&mut tx, text, skip).1), (1, 0, 1, 0));
}

#[test]
fn a_no_to_advertising_never_becomes_a_yes_by_import() {
    let mut tx = with_anna();
    let report = import_text(&mut tx, "Nome,Cognome,Email,Marketing\nAnna,Rossi,anna@example.com,yes\n");
    assert_eq!((counts(&report), report.by_caution.get(&Caution::ConsentRefused)), ((0, 0, 1, 0), Some(&1)));
    assert_eq!(only(&tx).marketing_consent, Some(false));
}

#[test]
fn the_same_number_is_the_same_client_only_with_the_same_name() {
    let mut tx = with_anna();
    let report = import_text(&mut tx, "Nome,Cognome,Cellulare,Email\nUgo,Rossi,333 1234567,\n");
    assert_eq!(report.by_reason.get(&Reason::SamePhone), Some(&1));
    let detail = &tx.refused.values().next().unwrap().faults[0].detail;
    assert!(detail.starts_with("client Anna Rossi (cli_"), "{detail}");
    // The number and a like name prove who it is: blanks are filled, and no more.
    let text = "Nome,Cognome,Cellulare,Lingua,Data di nascita\nROSSI,ANNA,3331234567,en,25/12/1990\n";
    assert_eq!(counts(&import_text(&mut tx, text)), (0, 1, 0, 0));
    let anna = only(&tx);
    assert_eq!((anna.name.to_string().as_str(), anna.locale.unwrap().as_str()), ("Anna Rossi", "it"));
    assert_eq!(anna.birth_date.unwrap().to_string(), "1990-12-25");
}

#[test]
fn the_same_number_and_name_with_another_address_is_not_taken_for_the_same() {
    let mut tx = with_anna();
    let text = "Nome,Cognome,Cellulare,Email\nAnna,Rossi,333 1234567,other@example.com\n";
    assert_eq!(import_text(&mut tx, text).by_reason.get(&Reason::SamePhone), Some(&1));
    let family = ImportOptions { shared_phones: true, ..options() };
    let (_, report) = import(&mut tx, text.as_bytes(), family.clone());
    assert_eq!((counts(&report), report.by_caution.get(&Caution::PhoneShared)), ((1, 0, 0, 0), Some(&1)));
    assert_eq!(counts(&import(&mut tx, text.as_bytes(), family).1), (0, 0, 1, 0));
}

#[test]
fn a_number_that_is_another_clients_is_left_out() {
    let mut tx = with_anna();
    assert_eq!(counts(&import_text(&mut tx, "Nome,Email\nBea,bea@example.com\n")), (1, 0, 0, 0));
    let report = import_text(&mut tx, "Nome,Email,Phone\nBea,bea@example.com,333 1234567\n");
    assert_eq!((counts(&report), report.by_caution.get(&Caution::PhoneTaken)), ((0, 0, 1, 0), Some(&1)));
}

#[test]
fn an_archived_client_does_not_come_back_by_import() {
    let mut tx = with_anna();
    let anna = only(&tx);
    block_on(archive_client(&permit(), &mut tx, anna.id, anna.version, now())).unwrap();
    let report = import_text(&mut tx, "Nome,Email\nAnna,anna@example.com\n");
    assert_eq!(report.by_reason.get(&Reason::ClientArchived), Some(&1));
    assert!(only(&tx).is_archived());
    // The number is free for someone else.
    assert_eq!(counts(&import_text(&mut tx, "Nome,Phone\nUgo,333 1234567\n")), (1, 0, 0, 0));
}

#[test]
fn a_client_of_another_location_is_neither_changed_nor_named() {
    let mut tx = with_anna();
    let anna = only(&tx);
    let elsewhere = OrganizationId::generate(now());
    tx.clients.insert(anna.id, Client { home_organization: elsewhere, ..anna.clone() });
    let report = import_text(&mut tx, "Nome,Email,Phone\nAnnamaria,anna@example.com,\nUgo,,333 1234567\n");
    assert_eq!((counts(&report), report.by_caution.get(&Caution::OtherLocation)), ((0, 0, 1, 1), Some(&1)));
    assert_eq!(only(&tx).version, anna.version);
    let detail = &tx.refused.values().next().unwrap().faults[0].detail;
    assert_eq!(detail, "a client of another location has the same phone number");
}

#[test]
fn who_is_a_client_under_another_address_is_not_added_twice() {
    let mut tx = with_anna();
    let anna = only(&tx);
    let contact = anna.contact.clone().with_email("new@example.com".parse().unwrap());
    tx.clients.insert(anna.id, Client { contact, ..anna });
    let (would, did) = import(&mut tx, b"Nome,Email\nAnna,anna@example.com\n", options());
    assert_eq!(would.created, 1, "only the run meets the users");
    assert_eq!((counts(&did), did.by_reason.get(&Reason::ClientExists)), ((0, 0, 0, 1), Some(&1)));
    assert_eq!(tx.refused.len(), 1);
}

#[test]
fn an_import_goes_its_way_and_no_other() {
    let mut tx = Memory::default();
    let text = "Nome,Email\nAnna,a@example.com\n";
    let job = check(&mut tx, text.as_bytes(), options()).unwrap();
    assert_eq!((tx.clients.len(), tx.events.len()), (0, 0), "the check writes nothing");
    let code = |error: UseCaseError| Problem::from(error).code.into_owned();
    let early = block_on(finish_import(&permit(), &mut tx, job.id, now())).unwrap_err();
    assert_eq!(code(early), "crm.import.state");
    block_on(confirm_import(&permit(), &mut tx, job.id)).unwrap();
    assert_eq!(code(block_on(confirm_import(&permit(), &mut tx, job.id)).unwrap_err()), "crm.import.state");
    let mut reader =
        ImportReader::new(text.as_bytes(), job.state.survey().unwrap(), &options(), today()).unwrap();
    let batch = reader.next_batch(BATCH_ROWS).unwrap().unwrap();
    let late = tryzore_crm::import::Batch { start: 1, ..batch.clone() };
    let gap = block_on(run_batch(&permit(), &mut tx, job.id, late, today(), now())).unwrap_err();
    assert_eq!(code(gap), "crm.import.gap");
    let running = block_on(run_batch(&permit(), &mut tx, job.id, batch, today(), now())).unwrap();
    let progress = running.progress().unwrap();
    assert_eq!((progress.done, progress.total, running.organization), (1, 1, organization()));
    block_on(finish_import(&permit(), &mut tx, job.id, now())).unwrap();
    let ended = block_on(fail_import(&permit(), &mut tx, job.id, "x", "x", now())).unwrap_err();
    assert_eq!(code(ended), "crm.import.state");
    assert_eq!((tx.events_of("crm.client_imported"), tx.events_of("crm.import_finished")), (1, 1));
}

#[test]
fn an_import_may_be_thrown_away_but_not_while_it_runs() {
    let mut tx = Memory::default();
    let elsewhere = OrganizationId::from(uuid::Uuid::from_u128(2));
    let job = check(&mut tx, b"Nome,Email\nAnna,a@example.com\n", options()).unwrap();
    let unseen = block_on(discard_import(&staff_of(elsewhere), &mut tx, job.id));
    assert!(matches!(unseen, Err(UseCaseError::NotFound("import"))));
    assert!(matches!(
        block_on(get_import(&staff_of(elsewhere), &mut tx, job.id)),
        Err(UseCaseError::NotFound("import"))
    ));
    assert_eq!(block_on(get_import(&staff_of(organization()), &mut tx, job.id)).unwrap().id, job.id);
    block_on(confirm_import(&permit(), &mut tx, job.id)).unwrap();
    let running = block_on(discard_import(&permit(), &mut tx, job.id)).unwrap_err();
    assert_eq!(Problem::from(running).code, "crm.import.state");
    block_on(fail_import(&permit(), &mut tx, job.id, "x", "x", now())).unwrap();
    block_on(discard_import(&permit(), &mut tx, job.id)).unwrap();
    assert!(tx.imports.is_empty());
}

#[test]
fn a_location_has_at_most_twenty_imports_that_have_not_ended() {
    let mut tx = Memory::default();
    let file = b"Nome,Email\nAnna,a@example.com\n";
    let jobs: Vec<_> = (0..20).map(|_| check(&mut tx, file, options()).unwrap()).collect();
    let refused = Problem::from(check(&mut tx, file, options()).unwrap_err());
    assert_eq!((refused.status, refused.code.as_ref()), (409, "crm.import.too_many"));
    block_on(discard_import(&permit(), &mut tx, jobs[0].id)).unwrap();
    check(&mut tx, file, options()).unwrap();
    assert_eq!(Problem::from(check(&mut tx, file, options()).unwrap_err()).code, "crm.import.too_many");
}

#[test]
fn an_import_that_nobody_confirms_expires_after_fourteen_days() {
    let mut tx = Memory::default();
    let job = check(&mut tx, b"Nome,Email\nAnna,a@example.com\nBea,x\n", options()).unwrap();
    let days = chrono::TimeDelta::days(14);
    let kept = block_on(expire_import(&permit(), &mut tx, job.id, job.created_at + days)).unwrap();
    assert!(kept.is_none() && tx.refused.len() == 1);
    let late = job.created_at + days + chrono::TimeDelta::microseconds(1);
    let ended = block_on(expire_import(&permit(), &mut tx, job.id, late)).unwrap().unwrap();
    assert_eq!((ended.state.name(), tx.refused.len()), ("failed", 0));
    assert!(matches!(&ended.state, ImportState::Failed { code, .. } if code == "import.expired"));
    let running = check(&mut tx, b"Nome,Email\nAnna,a@example.com\n", options()).unwrap();
    block_on(confirm_import(&permit(), &mut tx, running.id)).unwrap();
    assert!(block_on(expire_import(&permit(), &mut tx, running.id, late)).unwrap().is_none());
}

#[test]
fn a_file_that_is_all_wrong_can_not_be_run() {
    let mut tx = Memory::default();
    let job = check(&mut tx, b"Nome,Email\nAnna,x\n", options()).unwrap();
    let nothing = block_on(confirm_import(&permit(), &mut tx, job.id)).unwrap_err();
    assert_eq!(Problem::from(nothing).code, "crm.import.nothing_to_do");
}

#[test]
fn a_file_that_is_no_text_is_told_in_words() {
    let error = check(&mut Memory::default(), b"PK\x03\x04", options()).unwrap_err();
    let problem = Problem::from(error);
    assert_eq!((problem.status, problem.code.as_ref()), (422, "import.not_text"));
}

#[test]
fn a_worker_may_move_an_import_between_threads() {
    fn is_send(_: &impl Send) {}
    let (mut tx, permit) = (with_anna(), permit());
    let id = *tx.imports.keys().next().unwrap();
    let batch = tryzore_crm::import::Batch { start: 0, rows: Vec::new() };
    is_send(&run_batch(&permit, &mut tx, id, batch, today(), now()));
}
