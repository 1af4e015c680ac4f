//! Pages of lists; a cursor says where the next page starts.
//!
//! A cursor is opaque to callers: the sort key of the last row, as JSON in base64url. Cursors that leave a
//! service start with the fingerprint of the list that they continue ([`CursorBinding`]). A cursor is
//! neither secret nor trusted: a query that starts from it still sees only the caller's rows.

use crate::{Problem, iso};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

// Not serializable, so that only the web crate can answer with a page: it binds the cursor first.
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
    /// A page of at most `limit` rows out of the `limit + 1` that a query fetched: the extra row only shows
    /// that there is a next page. `key` returns the sort key of a row.
    pub fn from_rows<K: Serialize>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next_cursor = if more { rows.last().map(|row| Cursor::encode(&key(row))) } else { None };
        Self { data: rows, next_cursor }
    }

    /// The same page with each row converted by `turn`.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

/// How many rows a page may have: 1 to 200, 50 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The largest number of rows of a page.
    pub const MAX: u8 = 200;

    /// A limit of `rows`, if that is from 1 to [`Limit::MAX`].
    #[must_use]
    pub fn try_new(rows: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&rows).then_some(Self(rows))
    }

    /// The number of rows of a page.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// How many rows a query fetches: one more than the page shows.
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

/// The text is not a cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of this list with these parameters; start again without one")]
pub struct BadCursor;

impl From<BadCursor> for Problem {
    fn from(bad: BadCursor) -> Self {
        Self::invalid("cursor", bad.to_string())
    }
}

/// The sort key of a list, which a cursor contains.
pub trait SortKey: Serialize + DeserializeOwned {
    /// Whether the database could store the key. The sender of a cursor can forge it, so a key that no row
    /// can have is refused before it reaches a query.
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

/// What a cursor belongs to: one list with one filter, for one caller. The cursor is refused anywhere else:
/// with another filter it would silently skip rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CursorBinding([u8; BINDING]);

impl CursorBinding {
    /// The binding to the list `operation`, its `filter` and the `scope` of its caller.
    #[must_use]
    pub fn of(operation: &str, filter: &str, scope: &str) -> Self {
        let mut digest = Sha256::new();
        for part in [operation, filter, scope] {
            // Each part is hashed with its length, so that moving text from one part into the next changes
            // the hash.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut binding = [0; BINDING];
        binding.copy_from_slice(&digest.finalize()[..BINDING]);
        Self(binding)
    }
}

/// Where a page starts: after the row with the sort key in the cursor.
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
    /// [`BadCursor`] when the text contains no key, or a key that no row can have.
    pub fn decode<K: SortKey>(text: &str) -> Result<K, BadCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let key: K = serde_json::from_slice(&json).map_err(|_| BadCursor)?;
        if key.can_be_kept() { Ok(key) } else { Err(BadCursor) }
    }

    /// The cursor `text` as it leaves the service: it is valid for `binding` only.
    #[must_use]
    pub fn bind(text: &str, binding: CursorBinding) -> String {
        let key = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&binding.0[..], &key].concat())
    }

    /// The cursor that was bound to `binding`.
    ///
    /// # Errors
    /// [`BadCursor`] when the cursor was bound to anything else.
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
    fn the_extra_row_only_shows_that_there_is_a_next_page() {
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
    fn a_forged_cursor_is_refused() {
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
    fn a_cursor_is_valid_only_for_the_list_that_it_was_bound_to() {
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
        assert_eq!(Cursor::unbind(&key, binding), Err(BadCursor), "a cursor without a binding");
    }
}
