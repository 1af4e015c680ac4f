//! Columns as domain types, and domain types as columns.

use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::Error as NotOurs},
};
use serde_json::Value;
use std::str::FromStr;
use tryzore_kernel::{StoreError, StoreResult};

/// Reads a state from the text of its column, which is the same text as in JSON.
///
/// # Errors
/// [`StoreError::Broken`] when no state has this text.
pub fn from_text<T: DeserializeOwned>(text: &str) -> StoreResult<T> {
    T::deserialize(text.into_deserializer()).map_err(|error: NotOurs| StoreError::Broken(error.to_string()))
}

/// The text of a state as its column stores it.
pub fn to_text(state: impl Serialize) -> String {
    match serde_json::to_value(state) {
        Ok(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Parses a value from the text of its column.
///
/// # Errors
/// [`StoreError::Broken`] when the text is not valid.
pub fn parsed<T: FromStr>(column: &str, text: &str) -> StoreResult<T> {
    text.parse().map_err(|_| corrupt(column))
}

/// Reads a JSON document of a column as a domain type.
///
/// # Errors
/// [`StoreError::Broken`] when the document has another shape.
pub fn document<T: DeserializeOwned>(column: &str, json: Value) -> StoreResult<T> {
    serde_json::from_value(json).map_err(|error| StoreError::Broken(format!("{column}: {error}")))
}

/// The JSON document to store for a value.
///
/// # Errors
/// [`StoreError::Broken`] when the value has no JSON form.
pub fn json(value: &impl Serialize) -> StoreResult<Value> {
    serde_json::to_value(value).map_err(|error| StoreError::Broken(error.to_string()))
}

/// A count from the database; a negative count becomes zero.
#[must_use]
pub fn count(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// The length of a list that the domain rules bound.
#[must_use]
pub fn length<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

/// A number for a column; the domain rules keep it within the column's range.
#[must_use]
pub fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The error for a `column` with a value that this product never writes. It is never guessed at: no default
/// decides in its place.
#[must_use]
pub fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} has an invalid value"))
}
