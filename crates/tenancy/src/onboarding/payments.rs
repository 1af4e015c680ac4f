//! Setting up payments (ONB-06).
//!
//! The tenant is open by then and stays open. When a provider fails, the location is marked `incomplete`
//! and the answer names the location, so that setting up payments can be tried again from the dashboard.
//! Without a provider nothing is requested and nothing fails: `stripe_account_id` stays null.

use super::{Completion, PaymentsSetup};
use crate::{
    Organizations, UseCaseError,
    domain_event::{self, OfOrganization},
    permission::EditOrganization,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Email, Journal, OrganizationId, Problem, TenantId};
use tryzore_rbac::{DomainEvent, Permit};

/// The name of the command in the audit trail.
pub const COMMAND: &str = "organizations.set_up_payments";

/// The provider's answer for one location: its account there, or the reason why it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentsOutcome {
    /// The location.
    pub organization: OrganizationId,
    /// The account, or the reason for the failure.
    pub account: Result<String, String>,
}

/// The payments of a location were not set up; everything else was. Setting them up can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("payments of {organization} were not set up: {why}")]
pub struct PaymentsFailed {
    /// The location, which is marked incomplete.
    pub organization: OrganizationId,
    /// The provider's reason, for the log.
    pub why: String,
}

impl From<PaymentsFailed> for Problem {
    fn from(failed: PaymentsFailed) -> Self {
        Self::new(
            502,
            "onboarding.payments_failed",
            "Payments were not set up",
            format!("{} is open without payments; set them up from its dashboard", failed.organization),
        )
    }
}

/// Sets up `payments` for every location of `completion`.
pub async fn set_up<P: PaymentsSetup>(payments: &P, completion: &Completion) -> Vec<PaymentsOutcome> {
    let mut outcomes = Vec::with_capacity(completion.organizations.len());
    for organization in &completion.organizations {
        outcomes.push(ask(payments, completion.tenant, *organization, &completion.email).await);
    }
    outcomes
}

/// Sets up `payments` for one location, for the first time or again.
pub async fn ask<P: PaymentsSetup>(
    payments: &P,
    tenant: TenantId,
    organization: OrganizationId,
    email: &Email,
) -> PaymentsOutcome {
    let account = payments.payments_begin(tenant, organization, email).await;
    PaymentsOutcome { organization, account: account.map_err(|error| error.to_string()) }
}

/// Stores the provider's answer. The inner error names the first location that failed; the caller reports
/// it after the commit, because the `incomplete` mark stays.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `organizations.closed`.
pub async fn settle<T: Organizations + Journal>(
    permit: &Permit<EditOrganization>,
    tx: &mut T,
    outcomes: &[PaymentsOutcome],
    now: DateTime<Utc>,
) -> Result<Result<(), PaymentsFailed>, UseCaseError> {
    let mut failed = None;
    for PaymentsOutcome { organization: id, account } in outcomes {
        permit.require_at(*id, "organization")?;
        let before = tx.organization_lock(*id).await?.ok_or(UseCaseError::NotFound("organization"))?;
        let after = match account {
            Ok(account) => before.connect_payments(account.clone(), now)?,
            Err(why) => {
                failed.get_or_insert_with(|| PaymentsFailed { organization: *id, why: why.clone() });
                let event = domain_event::PaymentsFailed(OfOrganization { organization: *id });
                tx.event_publish(event.published(now));
                before.mark_incomplete(now)?
            }
        };
        tx.organization_update(&after).await?;
        tx.audit_append(AuditEntry {
            action: COMMAND,
            target: id.uuid(),
            subject: None,
            organizations: vec![*id],
            details: json!({ "from": before.status, "to": after.status, "connected": account.is_ok() }),
        });
    }
    Ok(failed.map_or(Ok(()), Err))
}
