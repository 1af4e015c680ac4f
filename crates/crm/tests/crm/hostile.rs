//! Whatever is uploaded: nothing panics, every row is accounted for, and what was taken once is
//! left alone the second time.

use crate::support::{Memory, import::import, options, today};
use proptest::prelude::*;
use std::io::Cursor;
use tryzore_crm::{
    Country,
    import::{
        DateOrder, ImportOptions, ImportReader, Mapping, Outcome, Reason, Survey, error_csv, row::RefusedRow,
    },
};

fn said() -> ImportOptions {
    ImportOptions { date_order: Some(DateOrder::DayFirst), ..options() }
}

/// Reads what can be read, and writes the error file of it.
fn survive(bytes: &[u8], options: &ImportOptions) {
    let Ok(survey) = Survey::take(&mut Cursor::new(bytes), &Mapping::default(), options) else { return };
    let reader = ImportReader::new(bytes, &survey, options, today()).unwrap();
    let (mut rows, mut refused) = (0, Vec::new());
    for row in reader {
        let row = row.unwrap();
        rows += 1;
        if let Outcome::Refused(faults) = row.outcome {
            assert!(!faults.is_empty());
            refused.push(RefusedRow { number: row.number, cells: row.cells, faults });
        }
    }
    assert_eq!(rows, survey.rows, "the reader sees the rows that the survey counted");
    error_csv(&mut Vec::new(), &survey.headers, survey.delimiter, &refused).unwrap();
}

fn cell() -> impl Strategy<Value = String> {
    let real = prop_oneof![
        Just(""),
        Just("Anna"),
        Just("De Luca"),
        Just("a@example.com"),
        Just("b@example.com"),
        Just("333 1234567"),
        Just("+39 333 7654321"),
        Just("25/12/1990"),
        Just("05/06/2020"),
        Just("3.9E+11"),
        Just("\""),
        Just("\"on hold"),
        Just("\"a \"b\" c\""),
        Just("3475550151.0"),
        Just("=\"00451\""),
        Just("NiccolÃ²"),
        Just("Dr. Anna Rossi, Jr."),
        Just("=1+1"),
        Just("Sì"),
        Just("สมชาย"),
        Just("'+39"),
        Just("00000"),
        Just("+"),
        Just("x1"),
    ];
    prop_oneof![3 => real.prop_map(str::to_owned), 1 => ".{0,12}"]
}

/// People out of few names, addresses and numbers, so that they meet.
fn people(most: usize) -> impl Strategy<Value = String> {
    let person = (0..4_usize, 0..5_usize, 0..5_usize, 0..3_usize).prop_map(|(name, email, phone, born)| {
        format!(
            "{},{},{},{}\n",
            ["Anna Rossi", "ROSSI ANNA", "Ugo Rossi", "Bea"][name],
            ["", "a@example.com", "A@EXAMPLE.COM", "b@example.com", "c@example.com"][email],
            ["", "333 1234567", "+39 333 1234567", "333 7654321", "333 1111111"][phone],
            ["", "25/12/1990", "26/12/1991"][born],
        )
    });
    proptest::collection::vec(person, 0..most)
        .prop_map(|rows| format!("Nome completo,E-mail,Cellulare,Data di nascita\n{}", rows.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_and_what_was_not_add_up_to_the_lines(
        cells in proptest::collection::vec(cell(), 0..80),
        delimiter in 0..4_usize,
        end in 0..3_usize,
    ) {
        let (delimiter, end) = ([",", ";", "\t", "|"][delimiter], ["\n", "\r\n", "\r"][end]);
        // A line end inside of a cell would be one more line: those of the text are taken out.
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace(['\n', '\r'], "")).collect();
        let mut text = ["Nome", "Cognome", "E-mail", "Cellulare"].join(delimiter);
        for row in cells.chunks(4) {
            text.push_str(end);
            text.push_str(&row.join(delimiter));
        }
        let lines: Vec<&str> = text.split(end).collect();
        if let Ok(survey) = Survey::take(&mut Cursor::new(&text), &Mapping::default(), &said()) {
            let rows = ImportReader::new(text.as_bytes(), &survey, &said(), today()).unwrap();
            let mut taken = vec![0_u32; lines.len() + 1];
            taken[1] += 1;
            for row in rows.map(Result::unwrap) {
                (row.line..row.line + row.lines).for_each(|line| taken[line as usize] += 1);
            }
            let separators = |c: char| c.is_whitespace() || c == '"' || delimiter.contains(c);
            for (number, line) in (1..).zip(&lines) {
                prop_assert!(taken[number] <= 1, "line {} is in {} rows", number, taken[number]);
                let has_text = line.chars().any(|c| !separators(c));
                prop_assert!(!has_text || taken[number] == 1, "line {number} is in no row: {line:?}");
            }
        }
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survive(&bytes, &said());
        let mut headed = b"Name,Email,Phone,Joined\n".to_vec();
        headed.extend(&bytes);
        survive(&headed, &said());
        for encoding in ["utf-16le", "shift_jis", "windows-874"] {
            survive(&headed, &ImportOptions { encoding: Some(encoding.into()), ..said() });
        }
    }

    #[test]
    fn random_cells_do_no_harm(cells in proptest::collection::vec(cell(), 0..80), delimiter in 0..4_usize) {
        let delimiter = [",", ";", "\t", "|"][delimiter];
        let mut text = ["Nome", "Cognome", "E-mail", "Cellulare", "Data di nascita", "Iscritto dal", "Lingua", "Marketing"].join(delimiter);
        for row in cells.chunks(8) {
            text.push('\n');
            text.push_str(&row.join(delimiter));
        }
        survive(text.as_bytes(), &said());
    }

    #[test]
    fn any_text_may_stand_for_a_number(text in "\\PC{0,40}", digits in "[+0-9 ()./xe-]{0,30}") {
        for country in [Country::ITALY, Country::THAILAND, Country::UNITED_STATES] {
            for text in [&text, &digits] {
                if let Ok(reading) = country.read_phone(text) {
                    // What was read is read as the same again.
                    prop_assert_eq!(country.read_phone(reading.phone.as_str()).unwrap().phone, reading.phone);
                }
            }
        }
    }
}

// Each case is two or three imports.
proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.div_ceil(4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_file_that_is_run_twice_changes_nothing_the_second_time(text in people(30), shared_phones: bool) {
        let options = ImportOptions { shared_phones, ..said() };
        let mut tx = Memory::default();
        let (would, did) = import(&mut tx, text.as_bytes(), options.clone());
        prop_assert_eq!(&would, &did);
        prop_assert_eq!(did.created + did.updated + did.unchanged + did.refused, did.rows);
        let clients = tx.clients.clone();
        let (_, again) = import(&mut tx, text.as_bytes(), options);
        prop_assert_eq!((again.created, again.updated, again.unchanged), (0, 0, did.created));
        prop_assert_eq!(again.by_reason, did.by_reason);
        prop_assert!(clients == tx.clients);
    }

    #[test]
    fn what_was_taken_without_a_word_is_left_alone_the_next_time(first in people(12), then in people(6)) {
        let mut tx = Memory::default();
        import(&mut tx, first.as_bytes(), said());
        let (_, did) = import(&mut tx, then.as_bytes(), said());
        prop_assert_eq!(did.created + did.updated + did.unchanged + did.refused, did.rows);
        let emails = tx.clients.values().filter_map(|c| c.contact.email()).collect::<Vec<_>>();
        let distinct = emails.iter().collect::<std::collections::BTreeSet<_>>();
        prop_assert_eq!(emails.len(), distinct.len(), "one address is one client");
        // A row that was refused for someone else's data is looked at anew when those have changed.
        if did.by_reason.keys().all(|reason| *reason == Reason::DuplicateInFile) {
            let clients = tx.clients.clone();
            import(&mut tx, then.as_bytes(), said());
            prop_assert!(clients == tx.clients);
        }
    }
}
