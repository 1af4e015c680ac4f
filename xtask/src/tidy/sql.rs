//! SQL is sent by the base and by the stores alone, so that the ports say all that an operation or a program can
//! do to the database.

use super::{Source, Violation};

/// What only `crates/postgres` and `crates/*/postgres` may write.
const OF_STORES: [&str; 3] = [".parts()", "statement! {", "store! {"];

/// Checks the sources of operations, of `web` and of the programs among `sources`.
#[must_use]
pub fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| is_above_the_stores(&source.path)) {
        for (index, line) in source.text.lines().enumerate() {
            for own in OF_STORES.iter().filter(|own| line.contains(**own)) {
                let text = format!("`{own}` outside of a store: send SQL in `crates/<domain>/postgres`");
                violations.push(Violation::at(&source.path, index + 1, text));
            }
        }
    }
    violations
}

fn is_above_the_stores(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        ["crates", "web", "src", ..] | ["crates", _, "http", "src", ..] | ["bins", _, "src", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn an_operation_sends_no_sql_of_its_own() {
        let write = "let Parts { tx, .. } = tx.parts();";
        for path in
            ["crates/events/http/src/staff/rooms.rs", "crates/web/src/once.rs", "bins/worker/src/tasks.rs"]
        {
            assert_eq!(found(path, write), 1, "{path}");
        }
        assert_eq!(found("crates/events/http/src/lib.rs", "statement! { struct One {} \"SELECT 1\" }"), 1);
    }

    #[test]
    fn a_store_does() {
        for path in ["crates/events/postgres/src/scans.rs", "crates/postgres/src/store.rs"] {
            assert_eq!(found(path, "tx.parts().tx"), 0, "{path}");
        }
    }
}
