//! What a rule said is recorded before it is answered, with the place and the person it concerns:
//! who may look it up later depends on both.

use crate::EventsError;
use tryzore_kernel::{Decision, Denial, Fact, Journal, OrganizationId, UserId};
use uuid::Uuid;

/// What a rule is asked: a command on something, somewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matter {
    command: &'static str,
    object: Uuid,
    organization: Option<OrganizationId>,
    subject: Option<UserId>,
}

impl Matter {
    /// `command` on `object` at a location; none for what is every location's.
    pub(crate) fn new(
        command: &'static str,
        object: impl Into<Uuid>,
        at: impl Into<Option<OrganizationId>>,
    ) -> Self {
        Self { command, object: object.into(), organization: at.into(), subject: None }
    }

    /// Names whom it concerns.
    pub(crate) const fn about(self, subject: UserId) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// What a rule said of it. A denial is recorded.
    pub(crate) fn heed<T>(
        self,
        journal: &mut impl Journal,
        said: Result<T, Denial>,
    ) -> Result<T, EventsError> {
        said.map_err(|denial| {
            self.deny(journal, &denial);
            denial.into()
        })
    }

    /// Records that it was allowed, because of `facts`.
    pub(crate) fn allow(self, journal: &mut impl Journal, facts: Vec<Fact>) {
        self.record(journal, Decision::allowed(self.command, self.object, facts));
    }

    /// Records that it was refused with `denial`.
    pub(crate) fn deny(self, journal: &mut impl Journal, denial: &Denial) {
        self.record(journal, Decision::denied(self.command, self.object, denial));
    }

    fn record(self, journal: &mut impl Journal, decision: Decision) {
        let Self { organization, subject, .. } = self;
        journal.decision_record(Decision { organization, subject, ..decision });
    }
}
