//! Lists come in pages; a cursor says where the next one starts.
//!
//! A cursor is opaque to callers: the sort key of the last row, as JSON in base64url, and before it, in
//! the cursors that leave a service, the fingerprint of the list that it continues ([`CursorBinding`]).
//! It is not secret and not trusted: a query that starts from it still sees only the caller's rows.

use crate::{Problem, iso};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

// It is answered by the web crate, which binds its cursor: for that reason it can't be serialized.
/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub data: Vec<T>,
    /// Where the next page starts; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` rows out of `limit + 1` that a query was asked for: the extra
    /// row only tells that there is a next page. `key` is the sort key of a row.
    pub fn from_rows<K: Serialize>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next_cursor = if more { rows.last().map(|row| Cursor::encode(&key(row))) } else { None };
        Self { data: rows, next_cursor }
    }

    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

/// How many rows a page may have: 1 to 200, 50 when not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The most rows that a page may have.
    pub const MAX: u8 = 200;

    /// `rows` if it is from 1 to [`Limit::MAX`].
    #[must_use]
    pub fn try_new(rows: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&rows).then_some(Self(rows))
    }

    /// Rows on a page.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// What a query asks for: one more than the page shows.
    #[must_use]
    pub fn fetch_limit(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

/// The text is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of this list with these parameters; start again without one")]
pub struct BadCursor;

impl From<BadCursor> for Problem {
    fn from(bad: BadCursor) -> Self {
        Self::invalid("cursor", bad.to_string())
    }
}

/// What rows are sorted by: something that a cursor may hold.
pub trait SortKey: Serialize + DeserializeOwned {
    /// Whether the database could keep it. A cursor is made up by whoever sends it, so a key that no
    /// row can have is refused before it reaches a query.
    fn can_be_kept(&self) -> bool;
}

impl SortKey for String {
    fn can_be_kept(&self) -> bool {
        !self.contains('\0')
    }
}

impl SortKey for DateTime<Utc> {
    fn can_be_kept(&self) -> bool {
        iso::is_in_range(self.date_naive())
    }
}

impl<A: SortKey, B: SortKey> SortKey for (A, B) {
    fn can_be_kept(&self) -> bool {
        self.0.can_be_kept() && self.1.can_be_kept()
    }
}

const BINDING: usize = 12;

/// What a cursor belongs to: one list, asked for with one filter, by one caller. A cursor is taken
/// for nothing else: continued with another filter, it would skip rows without a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CursorBinding([u8; BINDING]);

impl CursorBinding {
    /// The binding to the list `operation`, its `filter` and the `scope` of its caller.
    #[must_use]
    pub fn of(operation: &str, filter: &str, scope: &str) -> Self {
        let mut digest = Sha256::new();
        for part in [operation, filter, scope] {
            // With its length, so that nothing moves from one part into the next.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut binding = [0; BINDING];
        binding.copy_from_slice(&digest.finalize()[..BINDING]);
        Self(binding)
    }
}

/// Where a page starts: after the row with the sort key that it holds.
#[derive(Debug)]
pub struct Cursor;

impl Cursor {
    /// The opaque text for a sort key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// The sort key in an opaque text.
    ///
    /// # Errors
    /// [`BadCursor`] when there is none, or none that a row can have.
    pub fn decode<K: SortKey>(text: &str) -> Result<K, BadCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let key: K = serde_json::from_slice(&json).map_err(|_| BadCursor)?;
        if key.can_be_kept() { Ok(key) } else { Err(BadCursor) }
    }

    /// The cursor `text` as it leaves the service: for `binding` only.
    #[must_use]
    pub fn bind(text: &str, binding: CursorBinding) -> String {
        let key = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&binding.0[..], &key].concat())
    }

    /// The cursor that was bound to `binding`.
    ///
    /// # Errors
    /// [`BadCursor`] when it was bound to anything else.
    pub fn unbind(bound: &str, binding: CursorBinding) -> Result<String, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(bound).map_err(|_| BadCursor)?;
        let key = bytes.strip_prefix(&binding.0).ok_or(BadCursor)?;
        Ok(URL_SAFE_NO_PAD.encode(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_row_only_tells_that_there_is_more() {
        let limit = Limit::try_new(2).unwrap();
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let full = Page::from_rows(texts(&["a", "b", "c"]), limit, String::clone);
        assert_eq!(full.data, ["a", "b"]);
        assert_eq!(Cursor::decode::<String>(&full.next_cursor.unwrap()), Ok("b".into()));
        assert_eq!(Page::from_rows(texts(&["a", "b"]), limit, String::clone).next_cursor, None);
    }

    #[test]
    fn a_page_has_from_one_to_two_hundred_rows() {
        assert!(Limit::try_new(0).is_none() && Limit::try_new(201).is_none());
        assert!(Limit::try_new(1).is_some() && Limit::try_new(200).is_some());
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in ["", "!", "bm9wZQ", &Cursor::encode(&7)] {
            assert_eq!(Cursor::decode::<String>(text), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn a_key_that_no_row_can_have_is_refused() {
        assert_eq!(Cursor::decode::<(String, String)>(&Cursor::encode(&("a", "b\0"))), Err(BadCursor));
        let decoded = |at: &str| Cursor::decode::<DateTime<Utc>>(&Cursor::encode(&at)).is_ok();
        assert!(decoded("1900-01-01T00:00:00Z") && decoded("2200-12-31T23:59:59Z"));
        assert!(!decoded("1899-12-31T23:59:59Z") && !decoded("2201-01-01T00:00:00Z"));
        assert!(!decoded("-4713-01-01T00:00:00Z") && !decoded("+262142-01-01T00:00:00Z"));
    }

    #[test]
    fn a_cursor_is_taken_for_what_it_was_bound_to_and_nothing_else() {
        let key = Cursor::encode(&"b");
        let binding = CursorBinding::of("/events", "kind=tour", "ten_1");
        let bound = Cursor::bind(&key, binding);
        assert_eq!(Cursor::unbind(&bound, binding), Ok(key.clone()));
        for other in [
            CursorBinding::of("/event", "skind=tour", "ten_1"),
            CursorBinding::of("/events", "", "ten_1"),
            CursorBinding::of("/events", "kind=tour", "ten_2"),
        ] {
            assert_eq!(Cursor::unbind(&bound, other), Err(BadCursor));
        }
        assert_eq!(Cursor::unbind(&key, binding), Err(BadCursor), "of before cursors were bound");
    }
}
