//! Invitations to join the staff (ONB-09).
//!
//! The link is created when the mail is sent, so its text is in no row and no log; a repeated mail has a new
//! link, and the previous one stops working. Therefore each attempt is a mail of its own: a mailbox that
//! shows only the first of two identical mails would show the dead link.
//!
//! The token accepts the invitation. For users without a password the mail has a second token, which verifies
//! the mailbox and lets them set the first password; the user is created here if there is none. So an
//! invitation does the same work for every address.

use super::post::{Post, hand_over};
use crate::Services;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tryzore_auth::{Secrets, issue_link::issue_invitation_link};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{InvitationId, Problem};
use tryzore_messaging::Locale;
use tryzore_postgres::{
    TenantTx,
    runtime::{Enqueue, Failure, Job, NewJob, program::Outcome},
};
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageStaff};
use tryzore_tenancy::{
    UseCaseError,
    letter::StaffInvitation,
    staff::{Invitations, issue_link},
};
use tryzore_tenancy_postgres::Tenancy;

/// The kind of jobs that send an invitation.
pub const SEND: &str = "mail.staff_invitation";

#[derive(Debug, Serialize, Deserialize)]
struct JobPayload {
    invitation: InvitationId,
}

/// Enqueues the mail of `invitation`.
pub fn enqueue(tx: &mut TenantTx, invitation: InvitationId) {
    tx.job_enqueue(NewJob::new(SEND, &JobPayload { invitation }));
}

/// Sends the invitation of `job`, unless it has become obsolete.
///
/// # Errors
/// Permanent when the relay refuses the mail permanently.
pub async fn send(services: Services, job: Job) -> Outcome {
    let JobPayload { invitation } = job.payload()?;
    let tenant = job.tenant.ok_or_else(|| Failure::permanent("an invitation of no tenant"))?;
    let permit = Permit::<ManageStaff>::system(tenant, SystemActor::Reminder);
    let (bits, now) = (services.secrets.secret_generate()?, services.now());
    let minted = services
        .db
        .tenant_tx(&permit, async |tx| {
            let link = match issue_link(&permit, &mut tx.tenancy(), invitation, bits, now).await {
                Ok(link) => link,
                // Accepted, withdrawn or expired: the mail is not needed.
                Err(UseCaseError::Denied(_) | UseCaseError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(Problem::from(error)),
            };
            let primary = tx
                .tenancy()
                .invitation_lock(invitation)
                .await?
                .and_then(|it| it.organizations.first().copied());
            let organization = match primary {
                Some(primary) => tx.tenancy().organization_name(primary).await?.unwrap_or_default(),
                None => String::new(),
            };
            let name = link.name.clone();
            let proof =
                issue_invitation_link(&mut tx.auth(), &link.email, name, &services.secrets, now).await?;
            Ok(Some((link, proof, organization)))
        })
        .await?;
    let Some((link, proof, organization)) = minted else { return Ok(()) };
    let pages = &services.pages;
    let letter = StaffInvitation {
        organization,
        link: match &proof {
            Some(proof) => pages.with_proof("/invitation", &link.token, &proof.token),
            None => pages.with_token("/invitation", &link.token),
        },
        days: days_up(link.expires_at - now),
        chooses_password: proof.is_some(),
    };
    let post = Post::new(link.email, Locale::default(), &letter);
    hand_over(&services, post, &format!("{}.{}", job.id, job.attempt)).await
}

// Rounded up: an invitation of a minute ago is valid for seven days.
const fn days_up(left: TimeDelta) -> i64 {
    (left.num_hours() + 23) / 24
}
