//! The kinds of jobs. [`tryzore_postgres::runtime::NewJob::new`] with one of these kinds makes a job for its
//! task.

use crate::{
    Services, deliveries,
    mail::{account, invitation, onboarding, post, support_access},
    sign_out,
};
use futures::FutureExt;
use tryzore_crm_postgres::import;
use tryzore_platform_postgres as webhooks;
use tryzore_postgres::runtime::Task;

/// The kinds of jobs.
pub const TASKS: &[Task<Services>] = &[
    Task { kind: post::SEND, run: |services, job| post::send(services, job).boxed_local() },
    Task { kind: account::SEND, run: |services, job| account::send(services, job).boxed_local() },
    Task { kind: invitation::SEND, run: |services, job| invitation::send(services, job).boxed_local() },
    Task {
        kind: support_access::WRITE,
        run: |services, job| support_access::write(services, job).boxed_local(),
    },
    Task { kind: onboarding::SEND, run: |services, job| onboarding::send(services, job).boxed_local() },
    Task { kind: sign_out::END, run: |services, job| sign_out::end(services, job).boxed_local() },
    Task {
        kind: import::JOB,
        run: |services, job| async move { import::work(&services.db, &job).await }.boxed_local(),
    },
    Task {
        kind: webhooks::PROCESS,
        run: |services, job| webhooks::process(services.db, job, deliveries::apply).boxed_local(),
    },
];
