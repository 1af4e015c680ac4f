//! Files as people really have them: what is read, what is refused, and what is told of it.

use crate::support::{options, today};
use std::{fs, io::Cursor, path::Path};
use tryzore_crm::{
    Country,
    import::{Caution, DateOrder, Field, ImportOptions, ImportReader, Mapping, Outcome, Reason, Row, Survey},
};

fn case(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crm/cases").join(name)).unwrap()
}

fn read(bytes: &[u8], options: &ImportOptions) -> (Survey, Vec<Row>) {
    let survey = Survey::take(&mut Cursor::new(bytes), &Mapping::default(), options).unwrap();
    let rows = ImportReader::new(bytes, &survey, options, today()).unwrap();
    let rows = rows.collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(rows.len(), survey.rows as usize);
    assert_every_line_is_in_one_row(bytes, &rows);
    (survey, rows)
}

/// Every line below the header that has text belongs to one row.
fn assert_every_line_is_in_one_row(bytes: &[u8], rows: &[Row]) {
    let lines = String::from_utf8_lossy(bytes);
    let with_text = (1..).zip(lines.lines()).skip(1).filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in with_text {
        let of = rows.iter().filter(|row| (row.line..row.line + row.lines).contains(&number)).count();
        assert_eq!(of, 1, "line {number} is in {of} rows: {line}");
    }
}

/// Given name and family name, or why not.
fn name(row: &Row) -> String {
    match &row.outcome {
        Outcome::Ready(draft) => {
            let family = draft.name.family.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{}|{family}", draft.name.given)
        }
        Outcome::Refused(faults) => faults[0].code.to_string(),
    }
}

fn names(rows: &[Row]) -> Vec<String> {
    rows.iter().map(name).collect()
}

/// The phone number, or why not.
fn phones(rows: &[Row]) -> Vec<String> {
    let phone = |row: &Row| match &row.outcome {
        Outcome::Ready(draft) => draft.contact.phone().map(ToString::to_string).unwrap_or_default(),
        Outcome::Refused(faults) => faults[0].code.to_string(),
    };
    rows.iter().map(phone).collect()
}

fn reference(row: &Row) -> Option<&str> {
    match &row.outcome {
        Outcome::Ready(draft) => draft.external_ref.as_deref(),
        Outcome::Refused(faults) => panic!("{faults:?}"),
    }
}

fn cautions(row: &Row) -> Vec<Caution> {
    row.warnings.iter().map(|warning| warning.code).collect()
}

#[test]
fn an_open_quote_is_refused_with_its_line_and_takes_no_one_along() {
    let (_, rows) = read(&case("open-quote.csv"), &options());
    assert_eq!(rows.len(), 94);
    let refused: Vec<_> = rows.iter().filter(|row| matches!(row.outcome, Outcome::Refused(_))).collect();
    assert_eq!(refused.len(), 1);
    let Outcome::Refused(faults) = &refused[0].outcome else { panic!() };
    assert_eq!((refused[0].line, faults[0].code), (3, Reason::QuoteOpen));
    assert_eq!(faults[0].column.as_deref(), Some("Notes"));
    assert!(faults[0].detail.contains("line 3"), "{}", faults[0].detail);
    assert_eq!(name(&rows[0]), "Ottavia|Zero");
    assert_eq!(name(&rows[93]), "Dopo|Fine");
}

#[test]
fn a_name_may_be_written_as_nothing_is() {
    let (_, rows) = read(&case("names-that-look-like-nothing.csv"), &options());
    assert_eq!(names(&rows), ["Petra|Null", "Nil|Serra", "Min-jun|Na", "None|Bassi", "Anna|Nd"]);
    assert!(rows.iter().all(|row| cautions(row) == [Caution::NameLooksBlank]));
}

#[test]
fn beside_a_given_name_a_name_is_the_family_name() {
    let (survey, rows) = read(&case("name-beside-given-name-de.csv"), &options());
    assert_eq!(names(&rows), ["Klara|Brandt", "Uwe|Vogel"]);
    assert_eq!(survey.columns.of(Field::FamilyName), Some(0));
    assert!(survey.unmapped.is_empty());
    for (text, wanted) in [
        ("Name;Vorname;E-Mail\nKlara Brandt;Klara;k@example.com\n", "Klara|Brandt"),
        ("Surname,Name,Email\nBrandt,Klara,k@example.com\n", "Klara|Brandt"),
        ("Surname,Name,Email\nBrandt,Klara Brandt,k@example.com\n", "Klara|Brandt"),
        ("Full name,First name,Email\nKlara Brandt,Klara,k@example.com\n", "Klara|Brandt"),
    ] {
        let (_, rows) = read(text.as_bytes(), &options());
        assert_eq!((name(&rows[0]), cautions(&rows[0])), (wanted.to_owned(), vec![]), "{text}");
    }
    let text = "Full name,First name,Last name,Email\nUwe Vogel,Klara,Brandt,k@example.com\nKlara Brandt,Klara,Brandt,l@example.com\n";
    let (_, rows) = read(text.as_bytes(), &options());
    assert_eq!(names(&rows), ["Klara|Brandt", "Klara|Brandt"]);
    assert_eq!((cautions(&rows[0]), cautions(&rows[1])), (vec![Caution::NameUnused], vec![]));
}

#[test]
fn suffixes_are_no_given_names() {
    let (_, rows) = read(&case("comma-suffix.csv"), &options());
    assert_eq!(names(&rows), ["Dana|Whitlock", "Pete|Marlow Jr.", "Carla|Ruiz", "Luis|Ortega Jr."]);
    assert_eq!(cautions(&rows[0]), [Caution::TitleLeftOut]);
    assert!(rows[1..].iter().all(|row| row.warnings.is_empty()));
}

#[test]
fn particles_and_titles_are_told_when_they_are_guessed_at() {
    let (_, rows) = read(&case("particles-and-titles.csv"), &options());
    let wanted = [
        ("Maria de los Ángeles|", vec![Caution::NameUnclear]),
        ("Leo|Di Caprio", vec![Caution::NameUnclear]),
        ("Ludwig|van Beethoven Jr.", vec![]),
        ("Anna|Bianchi", vec![Caution::TitleLeftOut]),
        ("Li|Na", vec![Caution::NameLooksBlank]),
        ("Pia|Lo Turco", vec![Caution::NameUnclear]),
        ("Ben|Stone", vec![]),
        ("Al|Green", vec![]),
        ("Mia|Ben", vec![]),
        ("Jean|El Khoury", vec![]),
        ("Anna|Al Bano Rossi", vec![Caution::NameUnclear]),
        ("Ugo|Das", vec![]),
        ("Bob|Lo", vec![]),
    ];
    for (row, (wanted, told)) in rows.iter().zip(wanted) {
        assert_eq!((name(row).as_str(), cautions(row)), (wanted, told));
    }
}

#[test]
fn a_cut_byte_does_not_change_the_encoding_of_a_file() {
    let (survey, rows) = read(&case("utf8-with-one-cut-byte.csv"), &options());
    assert_eq!((survey.encoding.as_str(), survey.is_encoding_guessed), ("UTF-8", false));
    assert_eq!(names(&rows), ["Niccolò|Però", "Zoë|Müller", "Ugo|Verdi"]);
    assert_eq!(cautions(&rows[2]), [Caution::TextUnreadable], "the byte is in a column that is not taken");
    let cut = [case("utf8-with-one-cut-byte.csv").as_slice(), b"Ad\xc3,Rossi,a@example.com,\n"].concat();
    assert_eq!(name(&read(&cut, &options()).1[3]), "text.garbled");
}

#[test]
fn text_of_another_encoding_is_refused_and_not_stored() {
    let mojibake = "Name,Email\nNiccolÃ² PerÃ²,a@example.com\nAnna Rossi,b@example.com\n";
    assert_eq!(names(&read(mojibake.as_bytes(), &options()).1), ["text.garbled", "Anna|Rossi"]);
    let thai = b"Name,Email\n\xca\xc1\xaa\xd2\xc2 \xe3\xa8\xb4\xd5,a@example.com\nAnna Rossi,b@example.com\n";
    assert_eq!(names(&read(thai, &options()).1), ["text.garbled", "Anna|Rossi"]);
    let said = ImportOptions { encoding: Some("windows-874".into()), ..options() };
    assert_eq!(names(&read(thai, &said).1)[0], "สมชาย|ใจดี");
    let polish = b"Name,Email\nMa\xb3gorzata Nowak,a@example.com\nNiccol\xf2 Rossi,b@example.com\n";
    assert_eq!(names(&read(polish, &options()).1), ["text.garbled", "Niccolò|Rossi"]);
}

#[test]
fn phones_that_went_through_a_spreadsheet_are_read_whole_or_refused() {
    let (_, rows) = read(&case("phones-as-floats.csv"), &options());
    let damaged = "phone.spreadsheet_damage";
    assert_eq!(phones(&rows), ["+393475550151", "+390655501520", "+393475550153", damaged]);
    assert!(rows[..3].iter().all(|row| cautions(row) == [Caution::PhoneFromNumber]));
    let (_, rows) = read(&case("phones-as-floats.csv"), &ImportOptions::new(Country::UNITED_STATES));
    assert_eq!(phones(&rows), ["+13475550151", "phone.invalid", "phone.invalid", damaged]);
    // In Germany these are either +49 4930… or +49 30…: what stood in front is lost.
    let germany = ImportOptions::new("DE".parse().unwrap());
    let (_, rows) = read(&case("phones-as-floats-de.csv"), &germany);
    for phone in phones(&rows) {
        assert!(phone == damaged || phone.starts_with("+4930123"), "{phone}");
    }
}

#[test]
fn characters_that_nobody_sees_keep_no_one_out() {
    let (_, rows) = read(&case("phones-with-invisible-characters.csv"), &options());
    assert_eq!(phones(&rows), ["+393475550142", "+393475550143", "+393475550144", "+393475550145"]);
    assert!(rows.iter().all(|row| cautions(row) == [Caution::InvisibleRemoved]));
    let (_, rows) = read("Name,Phone\nIda Prova,+39\u{a0}347 555 0142 \n".as_bytes(), &options());
    assert_eq!(
        (phones(&rows), cautions(&rows[0])),
        (vec!["+393475550142".to_owned()], vec![]),
        "a blank is no change"
    );
    let text = "Id,Name,E\u{200b}mail,Birthday\n\u{200e}7,\u{202a}Ida\u{202c} Prova,i\u{200b}da@example.com,\u{200e}25.12.1990\n";
    let (_, rows) = read(text.as_bytes(), &options());
    let Outcome::Ready(draft) = &rows[0].outcome else { panic!("{rows:?}") };
    assert_eq!(draft.contact.email().unwrap().as_str(), "ida@example.com");
    assert_eq!(draft.birth_date.unwrap().to_string(), "1990-12-25");
    assert_eq!((name(&rows[0]).as_str(), reference(&rows[0])), ("Ida|Prova", Some("7")));
}

#[test]
fn a_value_is_taken_out_of_its_formula() {
    let (_, rows) = read(&case("formula-wrapped.csv"), &options());
    assert_eq!((reference(&rows[0]), reference(&rows[1])), (Some("00451"), Some("00452")));
    assert_eq!(phones(&rows), ["+393475550161", "+393475550162"]);
    assert!(rows.iter().all(|row| cautions(row) == [Caution::FormulaUnwrapped; 2]));
}

#[test]
fn a_client_number_that_a_spreadsheet_rounded_is_none() {
    let (_, rows) = read(&case("client-numbers.csv"), &options());
    let found: Vec<_> = rows.iter().map(reference).collect();
    assert_eq!(found, [Some("000123"), Some("1"), None, None]);
    let told: Vec<_> = rows.iter().map(cautions).collect();
    assert_eq!(
        told,
        [
            vec![],
            vec![Caution::ReferenceFromNumber],
            vec![Caution::ReferenceDamaged],
            vec![Caution::NameLooksBlank]
        ]
    );
    let codes =
        "Member ID,Name,Email\n12E5,Ada,a@example.com\n1.10,Bea,b@example.com\nE1,Cleo,c@example.com\n";
    let (_, rows) = read(codes.as_bytes(), &options());
    assert_eq!(rows.iter().map(reference).collect::<Vec<_>>(), [Some("12E5"), Some("1.10"), Some("E1")]);
    assert!(rows.iter().all(|row| row.warnings.is_empty()));
}

#[test]
fn dates_of_birth_are_read_and_never_in_the_future() {
    let day_first = ImportOptions { date_order: Some(DateOrder::DayFirst), ..options() };
    let (_, rows) = read(&case("dates-of-birth.csv"), &day_first);
    let read: Vec<_> = rows
        .iter()
        .map(|row| match &row.outcome {
            Outcome::Ready(draft) => draft.birth_date.unwrap().to_string(),
            Outcome::Refused(faults) => faults[0].code.to_string(),
        })
        .collect();
    let invalid = "birth_date.invalid";
    let wanted = [
        "1926-12-15",
        "1927-03-01",
        "1928-04-13",
        "1990-12-31",
        "1990-12-31",
        // The month is first, in a file where the day is.
        invalid,
        "1990-12-31",
        "1990-08-12",
        "1990-05-03",
        "1990-05-03",
        "1990-05-03",
        // The number of a day, which counts from different days in different spreadsheets.
        invalid,
        invalid,
        "1990-05-13",
        "1990-12-31",
        "1990-05-13",
        "1990-05-13",
        "1990-05-13",
        invalid,
        "1990-05-13",
    ];
    assert_eq!(read, wanted);
    assert_eq!(cautions(&rows[0]), [Caution::CenturyAdded]);
    assert_eq!(cautions(&rows[3]), [], "midnight is no time that was left out");
}

#[test]
fn every_other_separator_reads_the_same() {
    for delimiter in [";", "\t", "|"] {
        let text = String::from_utf8(case("open-quote.csv")).unwrap().replace(',', delimiter);
        let (survey, rows) = read(text.as_bytes(), &options());
        assert_eq!(survey.delimiter.to_string(), delimiter);
        assert_eq!((rows.len(), name(&rows[93])), (94, "Dopo|Fine".to_owned()));
    }
}

#[test]
fn a_second_number_that_is_not_taken_is_told() {
    let text = "Name,Email,Cell,Home phone\nIda,a@example.com,333 1234567,06 12345678\nIvo,b@example.com,,06 12345679\nEva,c@example.com,333 1234568,+39 333 1234568\n";
    let (_, rows) = read(text.as_bytes(), &options());
    assert_eq!(rows.iter().map(cautions).collect::<Vec<_>>(), [vec![Caution::PhoneSecond], vec![], vec![]]);
}
