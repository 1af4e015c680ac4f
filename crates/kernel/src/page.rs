//! Lists come in pages; a cursor says where the next one starts.
//!
//! A cursor is opaque to callers: the sort key of the last row, as JSON in base64url. It is not
//! secret and not trusted: a query that starts from it still sees only the caller's rows.

use crate::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
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
    pub fn probe(self) -> i64 {
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
#[error("this is no cursor of this list; start again without one")]
pub struct BadCursor;

impl From<BadCursor> for Problem {
    fn from(bad: BadCursor) -> Self {
        Self::invalid("cursor", bad.to_string())
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
    pub fn decode<K: DeserializeOwned>(text: &str) -> Result<K, BadCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        serde_json::from_slice(&json).map_err(|_| BadCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_row_only_tells_that_there_is_more() {
        let limit = Limit::try_new(2).unwrap();
        let full = Page::cut(vec![1, 2, 3], limit, |n| *n);
        assert_eq!(full.data, [1, 2]);
        assert_eq!(Cursor::decode::<i32>(&full.next_cursor.unwrap()), Ok(2));
        assert_eq!(Page::cut(vec![1, 2], limit, |n| *n).next_cursor, None);
    }

    #[test]
    fn a_page_has_from_one_to_two_hundred_rows() {
        assert!(Limit::try_new(0).is_none() && Limit::try_new(201).is_none());
        assert!(Limit::try_new(1).is_some() && Limit::try_new(200).is_some());
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in ["", "!", "bm9wZQ", &Cursor::encode(&"text")] {
            assert_eq!(Cursor::decode::<i32>(text), Err(BadCursor), "{text}");
        }
    }
}
