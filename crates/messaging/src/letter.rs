//! A letter of any kind.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tryzore_kernel::Letter;

/// A letter of any kind: the name of its template, and its facts.
///
/// Its JSON is one object with the facts, and the name as `letter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnyLetter {
    /// The name of the template.
    #[serde(rename = "letter")]
    pub template: String,
    /// The facts: an object.
    #[serde(flatten)]
    pub facts: Value,
}

impl AnyLetter {
    /// `letter`, as its facts. A letter whose facts are no JSON object is a defect: it has none, and so cannot
    /// be rendered.
    pub fn of<L: Letter>(letter: &L) -> Self {
        let facts = serde_json::to_value(letter).ok().filter(Value::is_object);
        Self { template: L::TEMPLATE.name.to_owned(), facts: facts.unwrap_or_else(|| json!({})) }
    }

    /// The link in the letter, if it has one.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.facts.get("link").and_then(Value::as_str)
    }
}
