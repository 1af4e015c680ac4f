//! The mail to a tenant that an operator of the platform asks for access to (AUT-17).

use super::post::Post;
use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_auth::{letter::SupportAccessRequested, support_access::SupportGrantStatus};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Problem, SupportGrantId, TenantId};
use tryzore_messaging::Locale;
use tryzore_postgres::{
    AuthTx,
    runtime::{Enqueue, Job, NewJob, program::Outcome},
};
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageRoles};
use tryzore_tenancy::Tenants;
use tryzore_tenancy_postgres::Tenancy;

/// The kind of jobs that write the mail.
pub const WRITE: &str = "mail.support_access";

#[derive(Debug, Serialize, Deserialize)]
struct JobPayload {
    tenant: TenantId,
    grant: SupportGrantId,
}

/// Enqueues the mail about the request `grant` to `tenant`.
pub fn enqueue(tx: &mut AuthTx, tenant: TenantId, grant: SupportGrantId) {
    tx.job_enqueue(NewJob::new(WRITE, &JobPayload { tenant, grant }).priority(10));
}

/// Writes the mail of `job` to the contact address of the tenant, unless the request was decided meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn write(services: Services, job: Job) -> Outcome {
    let JobPayload { tenant, grant } = job.payload()?;
    let permit = Permit::<ManageRoles>::system(tenant, SystemActor::Reminder);
    let link = services.pages.at(&format!("/support-access/{grant}"));
    services
        .db
        .tenant_tx(&permit, async |tx| {
            let found = tx.auth().support_grant_find(&permit, grant).await?;
            let Some(found) = found.filter(|it| it.status == SupportGrantStatus::Requested) else {
                return Ok::<_, Problem>(());
            };
            let Some(tenant) = tx.tenancy().tenant_find(tenant).await? else { return Ok(()) };
            let letter = SupportAccessRequested {
                tenant: tenant.name,
                operator: found.requested_by_name,
                reason: found.reason,
                ticket: found.ticket,
                minutes: found.minutes,
                link,
            };
            let post = Post::new(tenant.contact_email, Locale::default(), &letter);
            tx.job_enqueue(post.job::<SupportAccessRequested>());
            Ok(())
        })
        .await?;
    Ok(())
}
