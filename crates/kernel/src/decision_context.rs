//! What a rule is asked, so that its answer can be recorded.
//!
//! A rule is a pure method that says yes or hands out a [`Denial`]. A use case names the [`DecisionContext`],
//! asks the rule, and hands what it said to [`Journal::record_if_denied`](crate::Journal::record_if_denied),
//! which records a denial and hands it on:
//!
//! ```text
//! let decision = DecisionContext::new(COMMAND, booking.id, event.organization).about(booking.user);
//! let (after, facts) = tx.record_if_denied(decision, booking.give_back(&event, now))?;
//! tx.booking_update(&after).await?;
//! tx.decision_record(decision.allowed(facts));
//! ```
//!
//! Place and person are named at once, because who may look a decision up depends on both.

use crate::{Decision, Denial, Fact, OrganizationId, UserId};
use uuid::Uuid;

/// What a rule is asked: a command on something, somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionContext {
    command: &'static str,
    object: Uuid,
    organization: Option<OrganizationId>,
    subject: Option<UserId>,
}

impl DecisionContext {
    /// `command` (`events.book`) on `object` at a location; none for what is every location's.
    #[must_use]
    pub fn new(
        command: &'static str,
        object: impl Into<Uuid>,
        at: impl Into<Option<OrganizationId>>,
    ) -> Self {
        Self { command, object: object.into(), organization: at.into(), subject: None }
    }

    /// Names whom it concerns.
    #[must_use]
    pub const fn about(self, subject: UserId) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// That it was allowed because of `facts`.
    #[must_use]
    pub fn allowed(self, facts: Vec<Fact>) -> Decision {
        self.decided(Decision::allowed(self.command, self.object, facts))
    }

    /// That it was refused with `denial`.
    #[must_use]
    pub fn denied(self, denial: &Denial) -> Decision {
        self.decided(Decision::denied(self.command, self.object, denial))
    }

    fn decided(self, decision: Decision) -> Decision {
        Decision { organization: self.organization, subject: self.subject, ..decision }
    }
}

/// An error that may be a rule's refusal. Only that is a decision: what is missing, stale or broken is
/// none.
pub trait AsDenial {
    /// The refusal, if it is one.
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
    use crate::{AuditEntry, Journal, Outcome, Published};

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
        let decision = DecisionContext::new("events.book", Uuid::max(), at).about(user);
        assert!(log.record_if_denied(decision, Ok::<_, Denial>(1)).is_ok_and(|said| said == 1));
        assert!(log.record_if_denied(decision, Err::<(), _>(Failed::Stale)).is_err());
        assert_eq!(log.0, []);
        let denial = Denial::state("events.book.full").because("event.spots_total", 20);
        assert_eq!(log.record_if_denied(decision, Err::<(), _>(denial.clone())), Err(denial.clone()));
        assert!(log.record_if_denied(decision, Err::<(), _>(Failed::Refused(denial.clone()))).is_err());
        assert_eq!(log.0, [decision.denied(&denial), decision.denied(&denial)]);
        let said = log.0.remove(0);
        assert_eq!(
            (said.command, said.object, said.code.as_ref()),
            ("events.book", Uuid::max(), "events.book.full")
        );
        assert_eq!((said.organization, said.subject, said.outcome), (Some(at), Some(user), Outcome::Denied));
        assert_eq!(said.because, denial.because);
        let allowed = DecisionContext::new("events.book", Uuid::max(), None).allowed(Vec::new());
        assert_eq!((allowed.organization, allowed.subject, allowed.outcome), (None, None, Outcome::Allowed));
    }
}
