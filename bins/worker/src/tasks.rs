//! Kinds of jobs. A line here, and [`tryzore_postgres::runtime::NewJob::new`] with the same kind
//! enqueues one.

use crate::{
    Services,
    mail::{account, invitation, post},
};
use futures::FutureExt;
use tryzore_postgres::runtime::Task;

/// Kinds of jobs.
pub const TASKS: &[Task<Services>] = &[
    Task { kind: post::SEND, run: |services, job| post::send(services, job).boxed_local() },
    Task { kind: account::SEND, run: |services, job| account::send(services, job).boxed_local() },
    Task { kind: invitation::SEND, run: |services, job| invitation::send(services, job).boxed_local() },
];
