//! The sample files, imported as a worker does it: what is taken, what is refused and why, and
//! that a second run changes nothing. Of the large one the first rows: a store's own tests import
//! all 5,000, in ten batches.

use crate::{
    sample_clients,
    support::{Memory, import as file, options},
};
use std::{fs, path::Path};
use tryzore_crm::{
    Country,
    import::{Caution, Field, ImportOptions, ImportReport, Reason, Survey},
};

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)).unwrap()
}

fn reasons(report: &ImportReport) -> Vec<(Reason, u32)> {
    report.by_reason.iter().map(|(reason, rows)| (*reason, *rows)).collect()
}

#[test]
fn the_samples_are_what_the_program_writes() {
    assert!(sample("clients.csv") == sample_clients::italian_export().into_bytes());
    assert!(sample("clients-mindbody.csv") == sample_clients::american_export().into_bytes());
    assert!(sample("clients.csv").len() < 1_000_000);
}

/// The first `rows` rows of a file and their header: line ends inside of quotes end no row.
fn head(bytes: &[u8], rows: usize) -> &[u8] {
    let mut is_quoted = false;
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| {
        is_quoted ^= **byte == b'"';
        **byte == b'\n' && !is_quoted
    });
    &bytes[..=ends.nth(rows).unwrap().0]
}

#[test]
fn of_an_italian_export_everything_is_read_that_can_be() {
    let (bytes, mut tx) = (sample("clients.csv"), Memory::default());
    let checked = file::check(&mut tx, head(&bytes, 600), options()).unwrap();
    let would = checked.state.report().unwrap();
    assert_eq!((would.rows, would.created, would.updated, would.refused), (600, 575, 0, 25));
    assert_eq!(
        reasons(would),
        [
            (Reason::RowMisaligned, 4),
            (Reason::NameMissing, 2),
            (Reason::NameInvalid, 2),
            (Reason::ContactMissing, 1),
            (Reason::PhoneInvalid, 2),
            (Reason::BirthDateInvalid, 2),
            (Reason::BirthDateImplausible, 2),
            (Reason::JoinedOnInvalid, 2),
            (Reason::DuplicateInFile, 8),
        ]
    );
}

#[test]
fn an_italian_export_comes_in_and_coming_again_changes_nothing() {
    let (rows, bytes, mut tx) = (300, sample("clients.csv"), Memory::default());
    let bytes = head(&bytes, rows);
    let (would, did) = file::import(&mut tx, bytes, options());
    assert_eq!(would, did, "the dry run is the run without the writing");
    assert_eq!((did.rows as usize, did.updated, did.unchanged), (rows, 0, 0));
    assert!(did.refused > 0 && did.created + did.refused == did.rows);
    let created = did.created as usize;
    assert_eq!((tx.clients.len(), tx.events_of("crm.client_imported")), (created, created));

    let (clients, events) = (tx.clients.clone(), tx.events_of("crm.client_edited"));
    let (would, again) = file::import(&mut tx, bytes, options());
    assert_eq!(would, again);
    assert_eq!((again.created, again.updated), (0, 0));
    assert_eq!((again.unchanged, again.refused), (did.created, did.refused));
    assert_eq!(again.by_reason, did.by_reason);
    assert!(tx.clients == clients);
    assert_eq!((tx.events_of("crm.client_imported"), tx.events_of("crm.client_edited")), (created, events));
}

#[test]
fn an_american_export_comes_in_and_coming_again_changes_nothing() {
    let (bytes, mut tx) = (sample("clients-mindbody.csv"), Memory::default());
    let options = ImportOptions::new(Country::UNITED_STATES);
    let survey = Survey::take(&mut std::io::Cursor::new(&bytes), &Default::default(), &options).unwrap();
    assert_eq!((survey.delimiter, survey.rows), (',', 50));
    assert_eq!(survey.unmapped, ["Membership", "Barcode"]);
    assert!(survey.columns.of(Field::JoinedOn).is_some());

    let (would, did) = file::import(&mut tx, &bytes, options.clone());
    assert_eq!(would, did);
    assert_eq!((did.rows, did.created, did.refused), (50, 46, 4));
    assert_eq!(
        reasons(&did),
        [
            (Reason::ContactMissing, 1),
            (Reason::EmailInvalid, 1),
            (Reason::PhoneInvalid, 1),
            (Reason::DuplicateInFile, 1),
        ]
    );
    assert_eq!(did.by_caution.get(&Caution::ExtensionDropped), Some(&1));
    let clients = tx.clients.clone();
    let (_, again) = file::import(&mut tx, &bytes, options);
    assert_eq!((again.created, again.updated, again.unchanged, again.refused), (0, 0, 46, 4));
    assert!(tx.clients == clients);
}
