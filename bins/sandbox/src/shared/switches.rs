//! Failures on demand, for any provider: a switch says for whom, what fails, and how often.
//!
//! A switch that is used up stays in the list, so that a person sees that it took effect; it is the first to
//! be removed when the list is full.

use super::ChangeSignal;
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use wildmatch::WildMatch;

/// The greatest number of switches of a provider.
pub(crate) const MOST: usize = 100;

/// One requested failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Switch<E> {
    /// The number of the switch, from 1.
    pub(crate) id: u64,
    /// Whom it concerns: `*` is any text and `?` one character; case does not matter.
    pub(crate) pattern: String,
    /// The failure.
    #[serde(flatten)]
    pub(crate) effect: E,
    /// How often it will still take effect; null is until the switch is removed.
    pub(crate) remaining: Option<u32>,
    /// How often it has taken effect.
    pub(crate) fired: u64,
}

/// The provider already has [`MOST`] switches that are not used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are {MOST} switches already; remove some")]
pub(crate) struct TooManySwitches;

/// The switches of one provider, oldest first.
#[derive(Debug)]
pub(crate) struct Switches<E> {
    panel: Mutex<Panel<E>>,
    changes: ChangeSignal,
}

#[derive(Debug)]
struct Panel<E> {
    switches: Vec<Switch<E>>,
    last_id: u64,
}

impl<E: Clone> Switches<E> {
    /// An empty list; `changes` signals whenever a switch is added, removed or used.
    pub(crate) fn new(changes: ChangeSignal) -> Self {
        Self { panel: Mutex::new(Panel { switches: Vec::new(), last_id: 0 }), changes }
    }

    /// Adds a switch: `effect` for all that match `pattern`, `times` times or until removed.
    pub(crate) fn add(
        &self,
        pattern: String,
        effect: E,
        times: Option<u32>,
    ) -> Result<Switch<E>, TooManySwitches> {
        let mut panel = self.panel();
        if panel.switches.len() >= MOST {
            let spent = panel.switches.iter().position(|s| s.remaining == Some(0)).ok_or(TooManySwitches)?;
            panel.switches.remove(spent);
        }
        panel.last_id += 1;
        let switch = Switch { id: panel.last_id, pattern, effect, remaining: times, fired: 0 };
        panel.switches.push(switch.clone());
        self.changes.notify();
        Ok(switch)
    }

    /// All switches, oldest first.
    pub(crate) fn list(&self) -> Vec<Switch<E>> {
        self.panel().switches.clone()
    }

    /// Removes a switch; false when there is none with this number.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut panel = self.panel();
        let before = panel.switches.len();
        panel.switches.retain(|switch| switch.id != id);
        self.changes.notify();
        panel.switches.len() < before
    }

    /// Removes all switches; returns how many there were.
    pub(crate) fn clear(&self) -> usize {
        self.changes.notify();
        std::mem::take(&mut self.panel().switches).len()
    }

    /// The effect of the oldest switch that matches `subject` and whose effect `pick` accepts. A switch counts
    /// once per mail: `fired_switches` contains the switches that were used for it already.
    pub(crate) fn fire<T>(
        &self,
        subject: &str,
        fired_switches: &mut Vec<u64>,
        pick: impl Fn(&E) -> Option<T>,
    ) -> Option<T> {
        let mut panel = self.panel();
        panel.switches.iter_mut().find_map(|switch| {
            let known = fired_switches.contains(&switch.id);
            let live = known || switch.remaining != Some(0);
            if !live || !WildMatch::new_case_insensitive(&switch.pattern).matches(subject) {
                return None;
            }
            let picked = pick(&switch.effect)?;
            if !known {
                fired_switches.push(switch.id);
                switch.fired += 1;
                switch.remaining = switch.remaining.map(|left| left.saturating_sub(1));
                self.changes.notify();
            }
            Some(picked)
        })
    }

    fn panel(&self) -> MutexGuard<'_, Panel<E>> {
        self.panel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fire(switches: &Switches<u16>, subject: &str) -> Option<u16> {
        switches.fire(subject, &mut Vec::new(), |code| Some(*code))
    }

    #[test]
    fn fires_as_often_as_asked_and_not_once_more() {
        let switches = Switches::new(ChangeSignal::new());
        switches.add("*@slow.it".into(), 451, Some(2)).unwrap();
        assert_eq!(fire(&switches, "ada@fast.it"), None);
        assert_eq!(fire(&switches, "Ada@SLOW.it"), Some(451));
        assert_eq!(fire(&switches, "ada@slow.it"), Some(451));
        assert_eq!(fire(&switches, "ada@slow.it"), None);
        let [spent] = &switches.list()[..] else { panic!("one switch") };
        assert_eq!((spent.remaining, spent.fired), (Some(0), 2));
    }

    #[test]
    fn a_switch_counts_once_per_mail() {
        let switches = Switches::new(ChangeSignal::new());
        switches.add("*".into(), 451, Some(1)).unwrap();
        let mut fired_switches = Vec::new();
        for subject in ["ada@x.it", "bob@x.it"] {
            assert_eq!(
                switches.fire(subject, &mut fired_switches, |code| Some(*code)),
                Some(451),
                "{subject}"
            );
        }
        assert_eq!(fire(&switches, "ada@x.it"), None);
    }

    #[test]
    fn the_oldest_that_is_picked_wins() {
        let switches = Switches::new(ChangeSignal::new());
        switches.add("ada@*".into(), 250, None).unwrap();
        switches.add("*".into(), 451, None).unwrap();
        switches.add("*".into(), 550, None).unwrap();
        let bad = switches.fire("ada@x.it", &mut Vec::new(), |code| (*code > 400).then_some(*code));
        assert_eq!(bad, Some(451));
        assert!(switches.remove(2) && !switches.remove(2));
        assert_eq!(switches.clear(), 2);
        assert_eq!(fire(&switches, "ada@x.it"), None);
    }

    #[test]
    fn a_full_panel_makes_room_only_for_what_is_used_up() {
        let switches = Switches::new(ChangeSignal::new());
        for _ in 0..MOST {
            switches.add("ada@x.it".into(), 451, Some(1)).unwrap();
        }
        assert_eq!(switches.add("*".into(), 550, None), Err(TooManySwitches));
        assert_eq!(fire(&switches, "ada@x.it"), Some(451));
        assert_eq!(switches.add("*".into(), 550, None).unwrap().id, 101);
        assert_eq!(switches.list().len(), MOST);
    }
}
