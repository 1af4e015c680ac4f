//! Rows of files, read: what a client is made of, and every reason why a row is refused.

use crate::support::{options, today};
use std::io::Cursor;
use tryzore_crm::{
    ClientDraft,
    import::{
        Caution, ImportError, ImportOptions, ImportReader, Mapping, Outcome, Reason, Row, Survey,
        date::DateOrder, error_csv, limits, row::RefusedRow,
    },
};

fn read_with(bytes: &[u8], options: &ImportOptions) -> Result<Vec<Row>, ImportError> {
    let survey = Survey::take(&mut Cursor::new(bytes), &Mapping::default(), options)?;
    ImportReader::new(bytes, &survey, options, today())?.collect()
}

fn read(text: &str) -> Vec<Row> {
    read_with(text.as_bytes(), &options()).unwrap()
}

fn draft(row: &Row) -> &ClientDraft {
    match &row.outcome {
        Outcome::Ready(draft) => draft,
        Outcome::Refused(faults) => panic!("row {} is refused: {faults:?}", row.number),
    }
}

fn codes(row: &Row) -> Vec<Reason> {
    match &row.outcome {
        Outcome::Ready(_) => Vec::new(),
        Outcome::Refused(faults) => faults.iter().map(|fault| fault.code).collect(),
    }
}

#[test]
fn every_column_finds_its_field() {
    let rows = read(
        "Codice cliente;Cognome;Nome;E-mail;Cellulare;Telefono fisso;Data di nascita;Iscritto dal;Lingua;Consenso marketing\n\
         7;De Luca;Niccolò;NICO@example.com;;06 12345678;25/12/1990;01/02/2020;Italiano;Sì\n",
    );
    let draft = draft(&rows[0]);
    let json = serde_json::to_value(draft).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "name": {"given": "Niccolò", "family": "De Luca"},
            "contact": {"email": "nico@example.com", "phone": "+390612345678"},
            "locale": "it", "birth_date": "1990-12-25", "marketing_consent": true,
            "external_ref": "7", "joined_on": "2020-02-01",
        })
    );
}

#[test]
fn the_same_list_in_four_more_languages() {
    for text in [
        "First Name,Last Name,Email,Mobile Phone\nAnna,Rossi,a@example.com,+393331234567\n",
        "Vorname\tNachname\tE-Mail-Adresse\tHandy\nAnna\tRossi\ta@example.com\t+393331234567\n",
        "Apellidos y nombre|Correo electrónico|Móvil\nRossi Anna|a@example.com|+393331234567\n",
        "ชื่อ,นามสกุล,อีเมล,เบอร์โทรศัพท์\nAnna,Rossi,a@example.com,+393331234567\n",
    ] {
        let rows = read(text);
        assert_eq!(draft(&rows[0]).name.to_string(), "Anna Rossi", "{text}");
        assert_eq!(draft(&rows[0]).contact.email().unwrap().as_str(), "a@example.com");
        assert_eq!(draft(&rows[0]).contact.phone().unwrap().as_str(), "+393331234567");
    }
}

#[test]
fn every_way_to_save_a_file_reads_the_same() {
    let text = "sep=;\r\nNome;E-mail\r\n\"Niccolò\r\nDe Luca\";a@example.com\r\n;\r\nSofía;s@example.com\r\n";
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let western: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let marked = format!("\u{feff}{text}").into_bytes();
    for bytes in [text.as_bytes(), &wide, &western, &marked] {
        let rows = read_with(bytes, &options()).unwrap();
        let names: Vec<_> = rows.iter().map(|row| (row.number, draft(row).name.to_string())).collect();
        assert_eq!(names, [(2, "Niccolò De Luca".to_owned()), (4, "Sofía".to_owned())]);
    }
}

#[test]
fn a_row_is_told_everything_that_is_wrong_with_it() {
    let rows =
        read("Nome,Email,Phone,Data di nascita,Iscritto dal,Id\n@,x,3.9E+11,1990,31/02/2020,1\nAnna,,,,,\n");
    let wanted = [
        Reason::NameInvalid,
        Reason::EmailInvalid,
        Reason::PhoneDamaged,
        Reason::BirthDateInvalid,
        Reason::JoinedOnInvalid,
    ];
    assert_eq!(codes(&rows[0]), wanted);
    assert_eq!(codes(&rows[1]), [Reason::ContactMissing]);
    let Outcome::Refused(faults) = &rows[0].outcome else { panic!() };
    assert_eq!(faults[2].column.as_deref(), Some("Phone"));
    assert!(faults[2].detail.contains("spreadsheet"));
}

#[test]
fn the_later_row_of_one_person_is_refused_and_names_the_earlier() {
    let text = "Nome,Email,Phone\nAnna,a@example.com,333 1234567\nBea,A@EXAMPLE.com,\nCleo,c@example.com,+39 333 1234567\n\
                Dora,bad,333 7654321\nElla,e@example.com,333 7654321\n";
    let rows = read(text);
    let wanted = [
        vec![],
        vec![Reason::DuplicateInFile],
        vec![Reason::DuplicateInFile],
        vec![Reason::EmailInvalid],
        vec![],
    ];
    assert_eq!(rows.iter().map(codes).collect::<Vec<_>>(), wanted, "a refused row is no one's earlier row");
    let Outcome::Refused(faults) = &rows[1].outcome else { panic!() };
    assert_eq!(faults[0].detail, "the same e-mail address is in row 2");
    let family = ImportOptions { shared_phones: true, ..options() };
    let rows = read_with(text.as_bytes(), &family).unwrap();
    assert_eq!(codes(&rows[2]), [], "families may share a number when the importer says so");
    let twice = "Nome,Phone\nAnna Rossi,333 1234567\nROSSI ANNA,3331234567\nUgo Rossi,3331234567\n";
    let rows = read_with(twice.as_bytes(), &family).unwrap();
    assert_eq!(rows.iter().map(codes).collect::<Vec<_>>(), [vec![], vec![Reason::DuplicateInFile], vec![]]);
}

#[test]
fn the_order_of_dates_is_found_out_or_asked_for() {
    let file = |dates: &str| format!("Name,Email,Joined\n{dates}");
    let american = file("A,a@example.com,05/06/2024\nB,b@example.com,05/13/2024\n");
    assert_eq!(draft(&read(&american)[0]).joined_on.unwrap().to_string(), "2024-05-06");
    let unclear = file("A,a@example.com,05/06/2024\n");
    let needed = ImportError::DateOrderNeeded { example: "05/06/2024".into() };
    assert_eq!(read_with(unclear.as_bytes(), &options()), Err(needed.clone()));
    assert_eq!(tryzore_kernel::Problem::from(needed).errors[0].pointer, "/options/date_order");
    let said = ImportOptions { date_order: Some(DateOrder::DayFirst), ..options() };
    assert_eq!(
        draft(&read_with(unclear.as_bytes(), &said).unwrap()[0]).joined_on.unwrap().to_string(),
        "2024-06-05"
    );
}

#[test]
fn what_can_not_be_read_but_does_not_matter_is_left_out_and_said() {
    let rows = read(
        "Nome,Email,Phone,Lingua,Marketing,Birthday\nAnna,a@example.com,06 12345678 int 3,Klingon,forse,2500-01-01\n",
    );
    let draft = draft(&rows[0]);
    assert_eq!((&draft.locale, draft.marketing_consent), (&None, None));
    assert_eq!(draft.birth_date.unwrap().to_string(), "1957-01-01");
    let cautions: Vec<_> = rows[0].warnings.iter().map(|warning| warning.code).collect();
    let wanted = [
        Caution::ExtensionDropped,
        Caution::BuddhistYear,
        Caution::LocaleUnreadable,
        Caution::ConsentUnreadable,
    ];
    assert_eq!(cautions, wanted);
}

#[test]
fn a_row_with_more_cells_than_columns_is_not_guessed_at() {
    let rows = read("Nome;Email\nAnna;a@example.com;;\nBea;b@example.com;x\nCleo\n");
    assert_eq!(
        rows.iter().map(codes).collect::<Vec<_>>(),
        [vec![], vec![Reason::RowMisaligned], vec![Reason::ContactMissing]]
    );
}

#[test]
fn a_cell_has_at_most_four_kilobytes() {
    let file = |bytes: usize| format!("Nome,Email,Note\nAnna,a@example.com,{}\n", "x".repeat(bytes));
    assert_eq!(codes(&read(&file(4096))[0]), []);
    let rows = read(&file(4097));
    assert_eq!(codes(&rows[0]), [Reason::CellTooLong]);
    assert_eq!(rows[0].cells[2].len(), 4096);
}

#[test]
fn a_quote_that_is_never_closed_is_named() {
    let text = format!(
        "Nome,Email\nAnna,a@example.com\n\"Bea,b@example.com\n{}",
        "Cleo,c@example.com\n".repeat(300)
    );
    let rows = read(&text);
    assert_eq!((rows.len(), codes(&rows[1])), (302, vec![Reason::QuoteOpen]));
    let Outcome::Refused(faults) = &rows[1].outcome else { panic!() };
    assert!(faults[0].detail.contains("line 3"));
    assert_eq!((codes(&rows[2]), codes(&rows[3])), (vec![], vec![Reason::DuplicateInFile]));
}

#[test]
fn a_quoted_cell_of_several_lines_goes_on_for_64_kilobytes() {
    let file = |lines: usize| {
        let note = "a line of the note\n".repeat(lines);
        format!("Nome,Email,Note\nAnna,a@example.com,\"{note}\"\nBea,b@example.com,\n")
    };
    assert_eq!(read(&file(200)).iter().map(codes).collect::<Vec<_>>(), [vec![], vec![]]);
    let fits = 64 * 1024 / "a line of the note\n".len();
    assert_eq!(codes(&read(&file(fits - 1))[0]), [Reason::CellTooLong]);
    assert_eq!(codes(&read(&file(fits + 1))[0]), [Reason::QuoteOpen]);
}

#[test]
fn a_file_has_at_most_200_columns() {
    let file = |extra: usize| format!("Nome,Email{}\nAnna,a@example.com\n", ",x".repeat(extra));
    assert_eq!(read(&file(198)).len(), 1);
    assert_eq!(read_with(file(199).as_bytes(), &options()), Err(ImportError::TooManyColumns));
}

#[test]
fn a_file_has_at_most_100_000_rows() {
    let mut text = String::from("Nome,Email\n");
    (0..limits::ROWS).for_each(|_| text.push_str("A,\n"));
    let take = |text: &str| Survey::take(&mut Cursor::new(text), &Mapping::default(), &options());
    assert_eq!(take(&text).unwrap().rows, 100_000);
    text.push_str("A,\n");
    assert_eq!(take(&text).unwrap_err(), ImportError::TooManyRows);
}

#[test]
fn a_file_without_rows_or_columns_that_matter_is_refused() {
    for (text, error) in [
        ("", ImportError::Empty),
        ("\n\n", ImportError::Empty),
        ("Colour,Email\n", ImportError::NoNameColumn),
        ("Nome,Colour\n", ImportError::NoContactColumn),
    ] {
        assert_eq!(read_with(text.as_bytes(), &options()), Err(error), "{text:?}");
    }
    assert_eq!(read("Nome,Email"), []);
}

#[test]
fn the_error_file_put_right_goes_back_as_it_is() {
    let text = "Nome;E-mail;Cellulare\n\"Anna;Maria\";=1+1;+39 333 1234567\nBea;b@example.com;\n";
    let rows = read(text);
    let refused: Vec<_> = rows
        .into_iter()
        .filter_map(|row| match row.outcome {
            Outcome::Refused(faults) => Some(RefusedRow { number: row.number, cells: row.cells, faults }),
            Outcome::Ready(_) => None,
        })
        .collect();
    let headers = ["Nome", "E-mail", "Cellulare"].map(str::to_owned);
    let mut csv = Vec::new();
    error_csv(&mut csv, &headers, ';', &refused).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("'=1+1;'+39 333 1234567;2;"), "{csv}");
    let rows = read(&csv.replace("'=1+1", "anna@example.com").replace("Anna;Maria", "Anna Maria"));
    assert_eq!(draft(&rows[0]).contact.phone().unwrap().as_str(), "+393331234567");
}
