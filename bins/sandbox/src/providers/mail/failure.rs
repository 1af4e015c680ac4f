//! Failures of mail on demand, to try retries.
//!
//! A refusal is the answer to RCPT TO of a matching recipient. A late or missing answer concerns the end of
//! DATA, when one of the accepted recipients matches. A switch counts once per mail, however many of its
//! recipients match.

use crate::shared::Switches;
use serde::Serialize;
use std::time::Duration;

/// One failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Failure {
    /// The answer to the mail comes late; the mail is stored when the answer is sent.
    Delay {
        /// Milliseconds.
        delay_ms: u32,
    },
    /// The recipient is refused temporarily (4yz); 421 also ends the conversation.
    Temporary {
        /// Reply code.
        code: u16,
    },
    /// The recipient is refused permanently (5yz).
    Permanent {
        /// Reply code.
        code: u16,
    },
    /// The connection is dropped after DATA, without an answer.
    Drop {
        /// Whether the mail is stored all the same: then a retry makes a duplicate.
        kept: bool,
    },
}

/// What happens at the end of DATA.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ending {
    /// The answer is delayed.
    pub(super) delay: Duration,
    /// The connection is dropped without an answer; says whether the mail is stored.
    pub(super) dropped: Option<bool>,
}

/// The reply code with which `recipient` is refused, if any. `fired_switches` are the switches that were used for this
/// mail.
pub(super) fn refusal(
    switches: &Switches<Failure>,
    recipient: &str,
    fired_switches: &mut Vec<u64>,
) -> Option<u16> {
    switches.fire(recipient, fired_switches, |failure| match failure {
        Failure::Temporary { code } | Failure::Permanent { code } => Some(*code),
        Failure::Delay { .. } | Failure::Drop { .. } => None,
    })
}

/// The end of the mail to `recipients`: the longest delay, and dropped if it is for any of them.
pub(super) fn ending(
    switches: &Switches<Failure>,
    recipients: &[String],
    fired_switches: &mut Vec<u64>,
) -> Ending {
    let mut ending = Ending::default();
    for recipient in recipients {
        let delay = switches.fire(recipient, fired_switches, |failure| match failure {
            Failure::Delay { delay_ms } => Some(Duration::from_millis(u64::from(*delay_ms))),
            _ => None,
        });
        ending.delay = ending.delay.max(delay.unwrap_or_default());
        if ending.dropped.is_none() {
            ending.dropped = switches.fire(recipient, fired_switches, |failure| match failure {
                Failure::Drop { kept } => Some(*kept),
                _ => None,
            });
        }
    }
    ending
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::ChangeSignal;

    #[test]
    fn a_refusal_does_not_use_up_what_waits_for_the_end() {
        let switches = Switches::new(ChangeSignal::new());
        switches.add("*".into(), Failure::Delay { delay_ms: 70 }, Some(1)).unwrap();
        switches.add("ada@*".into(), Failure::Temporary { code: 451 }, Some(1)).unwrap();
        switches.add("*".into(), Failure::Drop { kept: true }, Some(1)).unwrap();
        let mut fired_switches = Vec::new();
        assert_eq!(refusal(&switches, "ada@x.it", &mut fired_switches), Some(451));
        assert_eq!(refusal(&switches, "bob@x.it", &mut fired_switches), None);
        let both = Ending { delay: Duration::from_millis(70), dropped: Some(true) };
        assert_eq!(ending(&switches, &["bob@x.it".into(), "cyd@x.it".into()], &mut fired_switches), both);
        assert_eq!(ending(&switches, &["bob@x.it".into()], &mut Vec::new()), Ending::default());
    }
}
