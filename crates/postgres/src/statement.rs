//! SQL text as a prepared statement.
//!
//! Most statements are written with the query builder. Some cannot be: a lock on one of two joined
//! tables, two writes in one statement. `diesel::sql_query` is planned anew at each call, at half
//! the throughput; a [`statement!`](crate::statement!) has an identity of its own, so each
//! connection prepares it once.

use diesel::{pg::Pg, query_builder::AstPass, result::QueryResult};

/// How one field of a statement is bound.
#[doc(hidden)]
pub type Bind<'f, 'b> = &'f dyn Fn(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;

/// The text of a statement, split where its fields are bound. Diesel numbers binds in the order of their
/// appearance, so a field is bound where it appears first; later appearances repeat that number. So the
/// value is sent once, and the planner knows that it is the same value.
#[doc(hidden)]
pub struct Pieces {
    // The text before a field, and the index of the field.
    bound: Vec<(String, usize)>,
    rest: String,
}

impl Pieces {
    /// Splits `sql`; `$1`, `$2`, … stand for the `fields` fields. All of them must appear, and no others.
    ///
    /// # Errors
    /// A message that says what is wrong with `sql`.
    pub fn cut(sql: &str, fields: usize) -> Result<Self, String> {
        let (mut bound, mut rest) = (Vec::<(String, usize)>::new(), String::new());
        let mut pieces = sql.split('$');
        rest.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let field = piece[..digits].parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let field = field.filter(|field| *field < fields);
            let field = field.ok_or_else(|| format!("`$` without the number of a field: {sql}"))?;
            match bound.iter().position(|(_, known)| *known == field) {
                Some(place) => rest.push_str(&format!("${}", place + 1)),
                None => bound.push((std::mem::take(&mut rest), field)),
            }
            rest.push_str(&piece[digits..]);
        }
        match bound.len() == fields {
            true => Ok(Self { bound, rest }),
            false => Err(format!("a field that no `$` names: {sql}")),
        }
    }

    /// Writes the text and binds `fields`.
    pub fn walk<'b>(&self, mut out: AstPass<'_, 'b, Pg>, fields: &[Bind<'_, 'b>]) -> QueryResult<()> {
        for (text, field) in &self.bound {
            out.push_sql(text);
            fields[*field](&mut out)?;
        }
        out.push_sql(&self.rest);
        Ok(())
    }
}

/// Checks when the program is compiled that the `$n` of `sql` name each of its `fields`, and no others.
///
/// # Panics
/// When they do not, which is an error of the compiler where the statement is declared.
#[doc(hidden)]
pub const fn check(sql: &str, fields: usize) {
    assert!(fields <= 128, "a statement has at most 128 fields");
    let (bytes, mut named, mut at) = (sql.as_bytes(), 0_u128, 0);
    while at < bytes.len() {
        at += 1;
        if bytes[at - 1] == b'$' {
            let mut number = 0;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                number = number * 10 + (bytes[at] - b'0') as usize;
                at += 1;
            }
            assert!(1 <= number && number <= fields, "a `$` of the statement is not the number of a field");
            named |= 1 << (number - 1);
        }
    }
    assert!(named.count_ones() as usize == fields, "a field of the statement is named by no `$`");
}

/// Declares a prepared statement: a struct whose fields are `$1`, `$2`, … in order. Its text may be a
/// `concat!` of parts that several statements share.
///
/// ```ignore
/// statement! {
///     /// Locks an event.
///     struct LockEvent { tenant: TenantId => Uuid, event: EventId => Uuid }
///     "SELECT name FROM events.events WHERE tenant_id = $1 AND id = $2 FOR UPDATE"
/// }
/// ```
#[macro_export]
macro_rules! statement {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($field:ident: $rust:ty => $sql:ty),* $(,)? } $text:expr) => {
        $(#[$doc])*
        $vis struct $name { $($field: $rust),* }

        const _: () = {
            let fields: &[&str] = &[$(stringify!($field)),*];
            $crate::statement::check($text, fields.len());
        };

        impl $crate::macro_names::diesel::query_builder::QueryFragment<$crate::macro_names::diesel::pg::Pg> for $name {
            fn walk_ast<'b>(
                &'b self,
                out: $crate::macro_names::diesel::query_builder::AstPass<'_, 'b, $crate::macro_names::diesel::pg::Pg>,
            ) -> $crate::macro_names::diesel::QueryResult<()> {
                static PIECES: std::sync::OnceLock<Result<$crate::statement::Pieces, String>> =
                    std::sync::OnceLock::new();
                let fields: &[$crate::statement::Bind<'_, 'b>] =
                    &[$(&|out| out.push_bind_param::<$sql, _>(&self.$field)),*];
                match PIECES.get_or_init(|| $crate::statement::Pieces::cut($text, fields.len())) {
                    Ok(pieces) => pieces.walk(out, fields),
                    Err(wrong) => Err($crate::macro_names::diesel::result::Error::QueryBuilderError(wrong.clone().into())),
                }
            }
        }

        impl $crate::macro_names::diesel::query_builder::QueryId for $name {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl $crate::macro_names::diesel::query_builder::Query for $name {
            type SqlType = $crate::macro_names::diesel::sql_types::Untyped;
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::{debug_query, sql_types::Integer};

    statement! {
        struct Twice { first: i32 => Integer, second: i32 => Integer }
        "SELECT $2, $1 WHERE $2 > $1"
    }

    #[test]
    fn a_field_that_appears_twice_is_bound_once() {
        let written = debug_query::<Pg, _>(&Twice { first: 7, second: 9 }).to_string();
        assert_eq!(written, "SELECT $1, $2 WHERE $1 > $2 -- binds: [9, 7]");
    }

    #[test]
    fn a_text_is_checked_when_it_is_compiled() {
        for right in ["SELECT $1, $2", "SELECT $2 WHERE $1 = $2"] {
            check(right, 2);
        }
        for wrong in
            ["SELECT $1", "SELECT $1, $3", "SELECT $0, $1", "SELECT '$', $1, $2", "SELECT $1, $2, $x"]
        {
            assert!(std::panic::catch_unwind(|| check(wrong, 2)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_invalid_statement_is_an_error() {
        for (sql, wrong) in [
            ("SELECT $1, $2", "without the number of a field"),
            ("SELECT $0", "without the number of a field"),
            ("SELECT $x", "without the number of a field"),
            ("SELECT 1", "that no `$` names"),
        ] {
            let error = Pieces::cut(sql, 1).err().unwrap_or_default();
            assert!(error.contains(wrong), "{sql}: {error}");
        }
    }
}
