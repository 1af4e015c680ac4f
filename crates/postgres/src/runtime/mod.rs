//! Background work of the services: the outbox is dispatched, jobs and schedules run.
//!
//! - [`outbox`]: the dispatcher. Gives each event its position, and each subscription its job.
//! - [`message`]: the delivery of an event to a subscription, with exactly one effect.
//! - [`job`], [`queue`], [`runner`]: jobs, claimed by lease and retried with [`backoff`].
//! - [`dead`]: dead jobs, listed and replayed by operators.
//! - [`cadence`], [`schedule`]: when schedules are due, also when clocks change, and their runs.
//! - [`listen`]: notifications between processes.
//! - [`program`]: the tasks, subscriptions and schedules of a worker. [`purge`]: deletes what has expired.
//!
//! An event is a row of the transaction in which it happened; so is a job that a use case enqueues.
//! After the commit everything is delivered at least once, with exactly one effect: a subscription writes
//! in one transaction its effect and the fact that it has processed the event.
//!
//! **Invariants:** a reader who has seen a position has seen every lower one; while their leases last, two
//! workers never run the same job, two jobs of one order key or two runs of a schedule at the same time; a
//! killed process loses nothing, because it owns nothing but leases.

pub mod backoff;
pub mod cadence;
pub mod dead;
pub mod job;
pub mod listen;
pub mod message;
pub mod outbox;
pub mod program;
pub mod purge;
pub mod queue;
pub mod runner;
pub mod schedule;

pub use backoff::Backoff;
pub use cadence::Cadence;
pub use job::{Enqueue, Failure, Job, NewJob};
pub use listen::{Heard, Listener, announce};
pub use message::Message;
pub use outbox::Dispatcher;
pub use program::{Each, Follow, Program, Schedule, Subscription, Task};
pub use runner::{Runner, RunnerSettings};
pub use schedule::{Run, Scheduler};
