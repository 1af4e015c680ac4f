//! The work of the worker.

use crate::{Services, schedule::SCHEDULES, subscriptions::SUBSCRIPTIONS, tasks::TASKS};
use tryzore_postgres::runtime::Program;

/// The tasks, subscriptions and schedules of the worker.
pub static PROGRAM: Program<Services> =
    Program { tasks: TASKS, subscriptions: SUBSCRIPTIONS, schedules: SCHEDULES };

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        let names: [Vec<&str>; 3] = [
            TASKS.iter().map(|task| task.kind).collect(),
            SUBSCRIPTIONS.iter().map(|subscription| subscription.name).collect(),
            SCHEDULES.iter().map(|schedule| schedule.name).collect(),
        ];
        for names in names {
            assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "{names:?}");
            assert!(!names.is_empty());
        }
    }
}
