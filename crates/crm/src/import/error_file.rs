//! Writes the refused rows as a file that can be corrected and imported again.
//!
//! The error file is the imported file without the accepted rows, with two more columns: the number of the
//! row and its errors. Cells that a spreadsheet would run as a formula get an apostrophe in front; the
//! importer removes it again.

use super::row::RefusedRow;
use std::io::{self, Write};

const ADDED: [&str; 2] = ["row", "error"];

/// Writes `rows` as CSV in UTF-8 with a byte order mark, which spreadsheets need to see accents.
/// `headers` and `delimiter` are those of the imported file.
///
/// # Errors
/// The errors of writing to `to`.
pub fn error_csv<'r>(
    to: &mut impl Write,
    headers: &[String],
    delimiter: char,
    rows: impl IntoIterator<Item = &'r RefusedRow>,
) -> io::Result<()> {
    to.write_all("\u{feff}".as_bytes())?;
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut csv = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(to);
    // An error file that was imported again already has the two columns.
    let columns = if headers.ends_with(&ADDED.map(str::to_owned)) {
        headers.len() - ADDED.len()
    } else {
        headers.len()
    };
    let header = headers.iter().take(columns).map(|cell| harmless(cell)).chain(ADDED.map(str::to_owned));
    csv.write_record(header)?;
    for row in rows {
        let told: Vec<_> = row
            .faults
            .iter()
            .map(|fault| match &fault.column {
                Some(column) => format!("{}: {} [{}]", column, fault.detail, fault.code),
                None => format!("{} [{}]", fault.detail, fault.code),
            })
            .collect();
        // Cells beyond the header, which are themselves the error, go to the end.
        let (cells, out_of_reach) = row.cells.split_at(row.cells.len().min(headers.len()));
        let blank = String::new();
        let cells = (0..columns).map(|at| harmless(cells.get(at).unwrap_or(&blank)));
        let added = [row.number.to_string(), harmless(&told.join("; "))];
        csv.write_record(cells.chain(added).chain(out_of_reach.iter().map(|cell| harmless(cell))))?;
    }
    csv.flush()
}

/// Escapes a cell that a spreadsheet would run as a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Reason, RowFault};

    fn written(headers: &[&str], cells: &[&str]) -> String {
        let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let faults = vec![RowFault {
            code: Reason::EmailInvalid,
            column: Some("E-mail".into()),
            detail: "expected an address".into(),
        }];
        let row = RefusedRow { number: 7, cells: owned(cells), faults };
        let mut csv = Vec::new();
        error_csv(&mut csv, &owned(headers), ';', [&row]).unwrap();
        String::from_utf8(csv).unwrap()
    }

    #[test]
    fn a_row_is_written_with_its_number_and_its_errors() {
        assert_eq!(
            written(&["Nome", "E-mail"], &["Anna; Maria", "x"]),
            "\u{feff}Nome;E-mail;row;error\n\"Anna; Maria\";x;7;E-mail: expected an address [email.invalid]\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        let csv = written(&["=Nome", "E-mail"], &["=cmd|' /C calc'!A0", "@SUM(1)"]);
        assert!(csv.starts_with("\u{feff}'=Nome;"), "{csv}");
        for cell in csv.split(['\n', ';']).map(|cell| cell.trim_matches(['"', '\u{feff}'])) {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }

    #[test]
    fn an_error_file_gets_no_second_pair_of_columns() {
        let csv = written(&["Nome", "row", "error"], &["Anna", "3", "old"]);
        assert_eq!(csv.lines().next(), Some("\u{feff}Nome;row;error"));
        assert!(!csv.contains("old"));
    }
}
