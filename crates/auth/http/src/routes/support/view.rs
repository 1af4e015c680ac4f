//! A request for support access, as tenants and operators see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_auth::support_access::{SupportGrant, SupportGrantStatus};
use tryzore_kernel::{OrganizationId, SupportGrantId, TenantId, UserId};
use utoipa::ToSchema;

/// A request for support access, and the decision about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SupportGrantView {
    /// The id of the request.
    id: SupportGrantId,
    /// The tenant.
    tenant_id: TenantId,
    /// The operator who asks.
    requested_by_user_id: UserId,
    /// The name of the operator.
    requested_by_name: String,
    /// Why.
    reason: String,
    /// The reference of the ticket.
    ticket: Option<String>,
    /// The permissions whose data is shown; nothing can be changed with them.
    permissions: Vec<String>,
    /// The locations; null means every one.
    organization_ids: Option<Vec<OrganizationId>>,
    /// For how many minutes from the approval on.
    minutes: i32,
    /// The status.
    status: SupportGrantStatus,
    /// When the operator asked.
    requested_at: DateTime<Utc>,
    /// Who decided; null while the request waits.
    decided_by_user_id: Option<UserId>,
    /// When the decision was made.
    decided_at: Option<DateTime<Utc>>,
    /// Why, if a reason was given.
    decided_because: Option<String>,
    /// When the approval ends; null before it is given.
    expires_at: Option<DateTime<Utc>>,
    /// The version, for `If-Match`.
    version: i32,
}

impl From<SupportGrant> for SupportGrantView {
    fn from(grant: SupportGrant) -> Self {
        let (by, at, because) = match grant.decided {
            Some(decided) => (Some(decided.by), Some(decided.at), decided.because),
            None => (None, None, None),
        };
        Self {
            id: grant.id,
            tenant_id: grant.tenant,
            requested_by_user_id: grant.requested_by,
            requested_by_name: grant.requested_by_name,
            reason: grant.reason,
            ticket: grant.ticket,
            permissions: grant.patterns.iter().map(ToString::to_string).collect(),
            organization_ids: grant.organizations,
            minutes: grant.minutes,
            status: grant.status,
            requested_at: grant.requested_at,
            decided_by_user_id: by,
            decided_at: at,
            decided_because: because,
            expires_at: grant.expires_at,
            version: grant.version,
        }
    }
}
