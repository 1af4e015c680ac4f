//! Reading columns as domain types.

use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as NotOurs};
use std::str::FromStr;
use tryzore_kernel::{StoreError, StoreResult};

/// Reads a state from the text of its column, which is the same text as in JSON.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> StoreResult<T> {
    T::deserialize(text.into_deserializer()).map_err(|error: NotOurs| StoreError::Broken(error.to_string()))
}

/// Parses a value from the text of its column.
pub(crate) fn parsed<T: FromStr>(column: &'static str, text: &str) -> StoreResult<T> {
    text.parse().map_err(|_| corrupt(column))
}

/// Reads a JSON document of a column as a domain type.
pub(crate) fn document<T: DeserializeOwned>(column: &'static str, json: serde_json::Value) -> StoreResult<T> {
    serde_json::from_value(json).map_err(|error| StoreError::Broken(format!("{column}: {error}")))
}

/// The JSON document to store for a value.
pub(crate) fn json(value: &impl serde::Serialize) -> StoreResult<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| StoreError::Broken(error.to_string()))
}

/// The error for a `column` with a value that this product never writes.
pub(crate) fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} has an invalid value"))
}
