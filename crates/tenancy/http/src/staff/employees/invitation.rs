//! An invitation that was just made, sent again or taken back.

use actix_web::{HttpRequest, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::net::IpAddr;
use tryzore_kernel::{Email, InvitationId, OrganizationId, Phone, RoleId};
use tryzore_tenancy::staff::{Invitation, InvitationState};
use tryzore_web::limit::Limits;
use utoipa::ToSchema;

/// The address that `request` comes from, for counting the mails that it has sent.
pub(super) fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.app_data::<Data<Limits>>().and_then(|limits| limits.address(request))
}

/// An offer to join the staff. The link is in the mail only.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedInvitation {
    /// Its id.
    id: InvitationId,
    /// What the person is called.
    name: String,
    /// Where the mail goes.
    email: Email,
    /// A phone number.
    phone: Option<Phone>,
    /// As what.
    role: RoleId,
    /// Where, the primary one first.
    organizations: Vec<OrganizationId>,
    /// `pending`, `accepted` or `revoked`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::InvitationStatus)]
    status: &'static str,
    /// How often it was sent.
    sent_count: i32,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<Invitation> for SavedInvitation {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            name: invitation.name,
            email: invitation.email,
            phone: invitation.phone,
            role: invitation.role,
            organizations: invitation.organizations,
            status: match invitation.state {
                InvitationState::Pending => "pending",
                InvitationState::Accepted { .. } => "accepted",
                InvitationState::Revoked { .. } => "revoked",
            },
            sent_count: invitation.sent_count,
            expires_at: invitation.expires_at,
            created_at: invitation.created_at,
        }
    }
}
