//! What runs behind the services: the outbox is handed on, jobs are done, schedules are kept.
//!
//! - [`outbox`]: the dispatcher. Gives each event its position, and each subscription its job.
//! - [`message`]: an event on its way to a subscription, which follows it once.
//! - [`job`], [`queue`], [`runner`]: work to be done, claimed by lease, tried again with [`backoff`].
//! - [`dead`]: work that was given up, to be seen and done again.
//! - [`cadence`], [`schedule`]: what is due when, also over a change of clocks.
//! - [`listen`]: wake-ups between processes.
//! - [`program`]: all that a worker knows how to do, as tables of code. [`purge`]: what is not kept.
//!
//! An event is a row of the transaction in which it happened; so is a job that a use case enqueues.
//! From there on everything happens at least once, and its effect exactly once: whatever follows an
//! event writes in one transaction what it does and that it did it.
//!
//! **Invariants:** whoever has seen a position has seen every lower one; two workers never run one
//! job, two jobs of one key or one run of a schedule at the same time while their leases hold; a
//! process that is killed loses nothing, because it owns nothing but leases.

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
pub use job::{Failure, Job, NewJob};
pub use listen::{Heard, Listener, announce};
pub use message::Message;
pub use outbox::Dispatcher;
pub use program::{Each, Follow, Program, Schedule, Subscription, Task};
pub use runner::{Runner, RunnerSettings};
pub use schedule::{Run, Scheduler};
