//! The list of tables that belong to no tenant, `xtask/global-tables.txt`.
//!
//! A line is `<schema>.<table>`, or `<schema>.<table> reference` for a small table to which tenant tables may have
//! a foreign key (on a sharded Postgres it is copied to every node); `#` begins the reason.

use super::Violation;

/// The list.
pub const LIST: &str = "xtask/global-tables.txt";

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalTable {
    /// `schema.table`.
    pub name: String,
    /// Whether tenant tables may refer to it.
    pub reference: bool,
    /// The line in the list.
    pub line: usize,
}

/// Reads the list; a line without a reason is a violation.
#[must_use]
pub fn parse(text: &str) -> (Vec<GlobalTable>, Vec<Violation>) {
    let (mut tables, mut violations) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let (entry, reason) = line.split_once('#').unwrap_or((line, ""));
        let words: Vec<&str> = entry.split_whitespace().collect();
        let reference = match words.as_slice() {
            [] => continue,
            [_] => false,
            [_, "reference"] => true,
            _ => {
                violations.push(Violation::at(
                    LIST,
                    index + 1,
                    "not of the form `<schema>.<table> [reference]  # why`",
                ));
                continue;
            }
        };
        if reason.trim().is_empty() {
            violations.push(Violation::at(
                LIST,
                index + 1,
                format!("{} is global without a reason: `# why`", words[0]),
            ));
        }
        tables.push(GlobalTable { name: words[0].to_owned(), reference, line: index + 1 });
    }
    (tables, violations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_name_perhaps_a_role_and_a_reason() {
        let (tables, violations) = parse("# head\n\na.b # why\na.c reference # why\na.d\na.e refers # why\n");
        let names: Vec<_> = tables.iter().map(|one| (one.name.as_str(), one.reference, one.line)).collect();
        assert_eq!(names, [("a.b", false, 3), ("a.c", true, 4), ("a.d", false, 5)]);
        assert_eq!(violations.iter().map(|one| one.line).collect::<Vec<_>>(), [5, 6]);
    }
}
