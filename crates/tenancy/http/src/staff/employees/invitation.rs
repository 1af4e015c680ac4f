//! An invitation that was just created, sent again or revoked.

use actix_web::{HttpRequest, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::net::IpAddr;
use tryzore_kernel::{Email, InvitationId, OrganizationId, Phone, RoleId};
use tryzore_tenancy::staff::{Invitation, InvitationState};
use tryzore_web::limit::Limits;
use utoipa::ToSchema;

/// The IP address of the sender of `request`, to limit the mails that it sends.
pub(super) fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.app_data::<Data<Limits>>().and_then(|limits| limits.address(request))
}

/// An invitation to join the staff. Only the mail contains the link.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedInvitation {
    /// The id.
    id: InvitationId,
    /// The name of the person.
    name: String,
    /// The address that the mail is sent to.
    email: Email,
    /// A phone number.
    phone: Option<Phone>,
    /// The role.
    role: RoleId,
    /// The locations, the primary one first.
    organizations: Vec<OrganizationId>,
    /// `pending`, `accepted` or `revoked`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::InvitationStatus)]
    status: &'static str,
    /// How often the invitation was sent.
    sent_count: i32,
    /// When the invitation expires.
    expires_at: DateTime<Utc>,
    /// When the role ends; null for good.
    role_expires_at: Option<DateTime<Utc>>,
    /// When the invitation was created.
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
            role_expires_at: invitation.role_expires_at,
            created_at: invitation.created_at,
        }
    }
}
