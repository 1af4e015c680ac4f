//! The worker's runtime on real Postgres: outbox, jobs, schedules, wake-ups, the audit trail. Each
//! test has a database of its own, because the worker looks over all tenants.

mod audit;
mod jobs;
mod kill;
mod listen;
mod outbox;
mod purge;
mod queue_test;
mod schedule;
