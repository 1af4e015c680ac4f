//! SQL text as a prepared statement.
//!
//! Most statements are written with the query builder. Some cannot be: a lock on one of two joined
//! tables, two writes in one statement. `diesel::sql_query` is planned anew at each call, at half
//! the throughput; a [`statement!`](crate::statement!) has an identity of its own, so each
//! connection prepares it once.

use diesel::{
    pg::Pg,
    query_builder::AstPass,
    result::{Error, QueryResult},
};

/// How one field of a statement is bound.
#[doc(hidden)]
pub type Bind<'f, 'b> = &'f dyn Fn(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;

/// Writes `sql` with its `$n` replaced by binds, in whichever order and as often as they appear.
#[doc(hidden)]
pub fn walk<'b>(sql: &str, mut out: AstPass<'_, 'b, Pg>, fields: &[Bind<'_, 'b>]) -> QueryResult<()> {
    let mut pieces = sql.split('$');
    out.push_sql(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let field =
            piece[..digits].parse::<usize>().ok().and_then(|number| fields.get(number.checked_sub(1)?));
        field.ok_or_else(|| Error::QueryBuilderError("`$` without the number of a field".into()))?(&mut out)?;
        out.push_sql(&piece[digits..]);
    }
    Ok(())
}

/// Declares a prepared statement: a struct whose fields are `$1`, `$2`, … in order. Its text may be a
/// `concat!` of what it shares with others.
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
    ($(#[$doc:meta])* struct $name:ident { $($field:ident: $rust:ty => $sql:ty),* $(,)? } $text:expr) => {
        $(#[$doc])*
        struct $name { $($field: $rust),* }

        impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name {
            fn walk_ast<'b>(
                &'b self,
                out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                let fields: &[$crate::statement::Bind<'_, 'b>] =
                    &[$(&|out| out.push_bind_param::<$sql, _>(&self.$field)),*];
                $crate::statement::walk($text, out, fields)
            }
        }

        impl diesel::query_builder::QueryId for $name {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl diesel::query_builder::Query for $name {
            type SqlType = diesel::sql_types::Untyped;
        }
    };
}
