//! The worker's runtime on real Postgres: outbox, jobs, schedules, notifications, the audit trail. Each
//! test has a separate database, because the worker processes all tenants.

mod audit;
mod jobs;
mod kill;
mod listen;
mod outbox;
mod purge;
mod queue_test;
mod schedule;
