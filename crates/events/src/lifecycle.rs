//! The transitions between the states of an event.
//!
//! ```text
//! scheduled -> confirmed -> in_progress -> completed
//!     each but the last -> canceled
//! ```
//! Confirming and starting are optional: a class that nobody confirmed or started is completed from
//! `scheduled`. Completed and canceled are final.

use crate::{Event, EventState};
use chrono::{DateTime, Utc};
use tryzore_kernel::Denial;

impl Event {
    /// Confirms the event.
    ///
    /// # Errors
    /// `events.confirm.not_scheduled`.
    pub fn confirm(self) -> Result<Self, Denial> {
        match self.state {
            EventState::Scheduled => Ok(self.moved_to(EventState::Confirmed)),
            _ => Err(Denial::state("events.confirm.not_scheduled")
                .because("event.status", self.state)
                .remedy("Only an event that is on the schedule can be confirmed.", None)),
        }
    }

    /// Starts the event, at the earliest when check-in opens, so that a leader who begins early need
    /// not wait.
    ///
    /// # Errors
    /// `events.start.not_open`, `events.start.too_early`.
    pub fn begin(self, now: DateTime<Utc>) -> Result<Self, Denial> {
        if !matches!(self.state, EventState::Scheduled | EventState::Confirmed) {
            return Err(Denial::state("events.start.not_open")
                .because("event.status", self.state)
                .remedy("The event has been started or is over.", None));
        }
        let opens = self.checkin_opens_at();
        if now < opens {
            return Err(Denial::state("events.start.too_early")
                .because("event.checkin_opens_at", self.local(opens))
                .because("now", self.local(now))
                .remedy(format!("The event can be started from {}.", self.local(opens)), None));
        }
        Ok(self.moved_to(EventState::InProgress))
    }

    /// Completes the event. The caller settles attendance.
    ///
    /// # Errors
    /// `events.complete.over`, `events.complete.not_started`.
    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, Denial> {
        if self.state.is_final() {
            return Err(Denial::state("events.complete.over")
                .because("event.status", self.state)
                .remedy("Attendance is settled already; correct it client by client.", None));
        }
        if !self.has_started(now) && self.state != EventState::InProgress {
            return Err(Denial::state("events.complete.not_started")
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy("Complete the event once it has started.", None));
        }
        Ok(self.moved_to(EventState::Completed))
    }

    /// Calls the event off for everyone.
    ///
    /// # Errors
    /// `events.cancel.completed`.
    pub fn call_off(self) -> Result<Self, Denial> {
        match self.state {
            EventState::Completed => Err(Denial::state("events.cancel.completed")
                .because("event.status", self.state)
                .remedy("The event has taken place. Waive fees client by client.", None)),
            _ => Ok(self.moved_to(EventState::Canceled)),
        }
    }

    fn moved_to(self, state: EventState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }
}
