//! The context of a decision, so that the answer of a rule can be recorded.
//!
//! A rule is a pure method that either allows something or returns a [`Denial`]. A use case builds the
//! [`DecisionContext`], calls the rule, and passes the result to
//! [`Journal::record_if_denied`](crate::Journal::record_if_denied), which records a denial and returns the
//! result unchanged:
//!
//! ```text
//! let decision = DecisionContext::new(COMMAND, booking.id, event.organization).about(booking.user);
//! let (after, facts) = tx.record_if_denied(decision, booking.give_back(&event, now))?;
//! tx.booking_update(&after).await?;
//! tx.decision_record(decision.allowed(facts));
//! ```
//!
//! The location and the person are part of the context, because both determine who may look the decision
//! up. So does the audience of the [`Command`].

use crate::{Command, Decision, Denial, Fact, OrganizationId, UserId};
use uuid::Uuid;

/// What a rule decides about: a command on an object, at a location, for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionContext {
    command: Command,
    object: Uuid,
    organization: Option<OrganizationId>,
    subject: Option<UserId>,
}

impl DecisionContext {
    /// `command` on `object` at a location; `None` when the object belongs to no single
    /// location.
    #[must_use]
    pub fn new(command: Command, object: impl Into<Uuid>, at: impl Into<Option<OrganizationId>>) -> Self {
        Self { command, object: object.into(), organization: at.into(), subject: None }
    }

    /// Names the person whom the decision concerns.
    #[must_use]
    pub const fn about(self, subject: UserId) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// The decision that the command was allowed because of `facts`.
    #[must_use]
    pub fn allowed(self, facts: Vec<Fact>) -> Decision {
        self.decided(Decision::allowed(self.command, self.object, facts))
    }

    /// The decision that the command was refused with `denial`.
    #[must_use]
    pub fn denied(self, denial: &Denial) -> Decision {
        self.decided(Decision::denied(self.command, self.object, denial))
    }

    fn decided(self, decision: Decision) -> Decision {
        Decision { organization: self.organization, subject: self.subject, ..decision }
    }
}

/// An error that may be a rule's refusal. Only a refusal is a decision: an object that is missing, a
/// version that is out of date and a failure of the store are not.
pub trait AsDenial {
    /// The refusal, if the error is one.
    fn as_denial(&self) -> Option<&Denial>;
}

impl AsDenial for Denial {
    fn as_denial(&self) -> Option<&Denial> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Audience, AuditEntry, Journal, Outcome, Published};

    const BOOK: Command = Command::new("events.book").seen_by(Audience::holders_of("events.view_all"));

    #[derive(Default)]
    struct Log(Vec<Decision>);

    impl Journal for Log {
        fn event_publish(&mut self, _: Published) {}
        fn decision_record(&mut self, decision: Decision) {
            self.0.push(decision);
        }
        fn audit_append(&mut self, _: AuditEntry) {}
    }

    enum Failed {
        Refused(Denial),
        Stale,
    }

    impl AsDenial for Failed {
        fn as_denial(&self) -> Option<&Denial> {
            match self {
                Self::Refused(denial) => Some(denial),
                Self::Stale => None,
            }
        }
    }

    #[test]
    fn a_denial_is_recorded_and_handed_on_and_nothing_else_is() {
        let (at, user, mut log) =
            (OrganizationId::from(Uuid::nil()), UserId::from(Uuid::nil()), Log::default());
        let decision = DecisionContext::new(BOOK, Uuid::max(), at).about(user);
        assert!(log.record_if_denied(decision, Ok::<_, Denial>(1)).is_ok_and(|said| said == 1));
        assert!(log.record_if_denied(decision, Err::<(), _>(Failed::Stale)).is_err());
        assert_eq!(log.0, []);
        let denial = Denial::state("events.book.full").because("event.spots_total", 20);
        assert_eq!(log.record_if_denied(decision, Err::<(), _>(denial.clone())), Err(denial.clone()));
        assert!(log.record_if_denied(decision, Err::<(), _>(Failed::Refused(denial.clone()))).is_err());
        assert_eq!(log.0, [decision.denied(&denial), decision.denied(&denial)]);
        let said = log.0.remove(0);
        assert_eq!((said.command, said.object, said.code.as_ref()), (BOOK, Uuid::max(), "events.book.full"));
        assert_eq!((said.organization, said.subject, said.outcome), (Some(at), Some(user), Outcome::Denied));
        assert_eq!(said.because, denial.because);
        let allowed = DecisionContext::new(BOOK, Uuid::max(), None).allowed(Vec::new());
        assert_eq!((allowed.organization, allowed.subject, allowed.outcome), (None, None, Outcome::Allowed));
    }
}
