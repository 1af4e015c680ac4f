//! The work of the worker.

use crate::{Services, schedule::SCHEDULES, subscriptions::subscriptions, tasks::TASKS};
use std::sync::LazyLock;
use tryzore_postgres::runtime::Program;

/// The tasks, subscriptions and schedules of the worker.
pub static PROGRAM: LazyLock<Program<Services>> =
    LazyLock::new(|| Program { tasks: TASKS, subscriptions: subscriptions(), schedules: SCHEDULES });

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        let names: [Vec<&str>; 3] = [
            TASKS.iter().map(|task| task.kind).collect(),
            PROGRAM.subscriptions.iter().map(|subscription| subscription.name).collect(),
            SCHEDULES.iter().map(|schedule| schedule.name).collect(),
        ];
        for names in names {
            assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "{names:?}");
            assert!(!names.is_empty());
        }
    }
}
