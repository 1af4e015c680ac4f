//! Why something was refused, and what would change it.

use crate::DecisionId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// A fact that was true when a decision was made and that the decision rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fact {
    /// A stable, dotted name: `event.spots_total`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fact: Cow<'static, str>,
    /// The value of the fact at that moment.
    pub value: Value,
}

impl Fact {
    /// The fact `fact` with the value `value`.
    pub fn new(fact: &'static str, value: impl Serialize) -> Self {
        Self { fact: Cow::Borrowed(fact), value: serde_json::to_value(value).unwrap_or(Value::Null) }
    }
}

/// What would change a refusal into a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Remedy {
    /// What to do, in a sentence for the person who was refused.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub text: Cow<'static, str>,
    /// The operation that does it, if there is one: the `operationId` of an operation of one of the APIs.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "join_waitlist"))]
    pub action: Option<Cow<'static, str>>,
}

/// Whether the caller lacks a right or the current state does not allow the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The current state does not allow the command (HTTP 409).
    #[default]
    State,
    /// The caller has no right to the command (HTTP 403).
    Right,
}

/// A refusal that explains itself: its code, the facts behind it and what would change it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("refused: {code}")]
pub struct Denial {
    /// A stable, dotted code: domain, command, reason.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "events.book.full"))]
    pub code: Cow<'static, str>,
    /// The facts that the refusal rests on.
    pub because: Vec<Fact>,
    /// What would change the answer.
    pub remedy: Option<Remedy>,
    /// The id of the recorded decision, once the decision is recorded.
    #[serde(rename = "decision_id")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub decision: Option<DecisionId>,
    #[serde(skip)]
    ground: Ground,
}

impl Denial {
    /// A refusal because of the current state.
    #[must_use]
    pub const fn state(code: &'static str) -> Self {
        Self::on(Ground::State, code)
    }

    /// A refusal because the caller has no right to the command.
    #[must_use]
    pub const fn right(code: &'static str) -> Self {
        Self::on(Ground::Right, code)
    }

    const fn on(ground: Ground, code: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), because: Vec::new(), remedy: None, decision: None, ground }
    }

    /// Adds a fact that the refusal rests on.
    #[must_use]
    pub fn because(mut self, fact: &'static str, value: impl Serialize) -> Self {
        self.because.push(Fact::new(fact, value));
        self
    }

    /// Adds what would change the answer.
    #[must_use]
    pub fn remedy(mut self, text: impl Into<Cow<'static, str>>, action: Option<&'static str>) -> Self {
        self.remedy = Some(Remedy { text: text.into(), action: action.map(Cow::Borrowed) });
        self
    }

    /// Whether the refusal is about a right or about the current state.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        self.ground
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_decided_from_which_facts_and_what_would_change_it() {
        let denial = Denial::state("events.book.full")
            .because("event.spots_total", 20)
            .remedy("Join the waitlist.", Some("join_waitlist"));
        let json = serde_json::to_value(&denial).unwrap();
        assert_eq!(json["code"], "events.book.full");
        assert_eq!(json["because"][0], serde_json::json!({"fact": "event.spots_total", "value": 20}));
        assert_eq!(json["remedy"]["action"], "join_waitlist");
    }
}
