//! A refusal is recorded before it is answered.

use crate::EventsError;
use tryzore_kernel::{Decision, Denial, Journal, UserId};
use uuid::Uuid;

/// What a rule said about a command on `object`, which concerns `subject`. A denial is recorded.
pub(crate) fn heed<T>(
    journal: &mut impl Journal,
    command: &'static str,
    object: impl Into<Uuid>,
    subject: Option<UserId>,
    said: Result<T, Denial>,
) -> Result<T, EventsError> {
    said.map_err(|denial| {
        let mut decision = Decision::denied(command, object, &denial);
        decision.subject = subject;
        journal.decision_record(decision);
        denial.into()
    })
}
