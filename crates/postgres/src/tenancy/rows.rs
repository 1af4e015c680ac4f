//! What columns hold, as the types that could have written it.

use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as NotOurs};
use std::str::FromStr;
use tryzore_kernel::{StoreError, StoreResult};

/// A state as its column spells it: the same word as in JSON.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> StoreResult<T> {
    T::deserialize(text.into_deserializer()).map_err(|error: NotOurs| StoreError::Broken(error.to_string()))
}

/// A value as its column spells it.
pub(crate) fn parsed<T: FromStr>(column: &'static str, text: &str) -> StoreResult<T> {
    text.parse().map_err(|_| corrupt(column))
}

/// A document as its column keeps it.
pub(crate) fn document<T: DeserializeOwned>(column: &'static str, json: serde_json::Value) -> StoreResult<T> {
    serde_json::from_value(json).map_err(|error| StoreError::Broken(format!("{column}: {error}")))
}

/// A document for its column.
pub(crate) fn json(value: &impl serde::Serialize) -> StoreResult<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| StoreError::Broken(error.to_string()))
}

/// `column` holds what no one could have written.
pub(crate) fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} holds what no one could have written"))
}
