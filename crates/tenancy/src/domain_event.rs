//! The events that this crate publishes. They carry ids only: a subscriber that needs a name reads it with
//! its own permissions.

use crate::TenantStatus;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{
    InvitationId, Journal, OnboardingId, OrganizationId, OwnerAccountId, Published, TenantId, UserId,
};
use uuid::Uuid;

/// Something that happened in this crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "ids of what the variant names")]
pub enum DomainEvent {
    /// A tenant opened with its first locations.
    TenantOpened { tenant: TenantId, owner: OwnerAccountId, user: UserId, organizations: Vec<OrganizationId> },
    /// The platform suspended, reactivated or deleted a tenant.
    TenantStatusChanged { tenant: TenantId, status: TenantStatus },
    /// A location opened.
    OrganizationOpened { organization: OrganizationId, parent: Option<OrganizationId> },
    /// A location was changed.
    OrganizationEdited { organization: OrganizationId },
    /// A location closed for good.
    OrganizationClosed { organization: OrganizationId },
    /// Settings or hours of a location changed.
    SettingsChanged { organization: OrganizationId, changed: Vec<String> },
    /// Payments of a location could not be set up (ONB-06).
    PaymentsFailed { organization: OrganizationId },
    /// Someone gave their name and address: a mail that verifies the address is due.
    OnboardingDetailsGiven { onboarding: OnboardingId },
    /// A mail with an invitation is due, for the first time or again.
    InvitationDue { invitation: InvitationId },
    /// An invitation was revoked.
    InvitationRevoked { invitation: InvitationId },
    /// Someone joined the staff.
    EmployeeJoined { user: UserId, invitation: InvitationId },
    /// An employee's locations or roles changed.
    EmployeeAssigned { user: UserId },
    /// Someone left the staff.
    EmployeeLeft { user: UserId },
}

impl DomainEvent {
    /// The name of the event: domain and past tense.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TenantOpened { .. } => "tenancy.tenant_opened",
            Self::TenantStatusChanged { .. } => "tenancy.tenant_status_changed",
            Self::OrganizationOpened { .. } => "tenancy.organization_opened",
            Self::OrganizationEdited { .. } => "tenancy.organization_edited",
            Self::OrganizationClosed { .. } => "tenancy.organization_closed",
            Self::SettingsChanged { .. } => "tenancy.settings_changed",
            Self::PaymentsFailed { .. } => "tenancy.payments_failed",
            Self::OnboardingDetailsGiven { .. } => "tenancy.onboarding_details_given",
            Self::InvitationDue { .. } => "tenancy.invitation_due",
            Self::InvitationRevoked { .. } => "tenancy.invitation_revoked",
            Self::EmployeeJoined { .. } => "tenancy.employee_joined",
            Self::EmployeeAssigned { .. } => "tenancy.employee_assigned",
            Self::EmployeeLeft { .. } => "tenancy.employee_left",
        }
    }

    const fn aggregate(&self) -> Uuid {
        match self {
            Self::TenantOpened { tenant, .. } | Self::TenantStatusChanged { tenant, .. } => tenant.uuid(),
            Self::OrganizationOpened { organization, .. }
            | Self::OrganizationEdited { organization }
            | Self::OrganizationClosed { organization }
            | Self::SettingsChanged { organization, .. }
            | Self::PaymentsFailed { organization } => organization.uuid(),
            Self::OnboardingDetailsGiven { onboarding } => onboarding.uuid(),
            Self::InvitationDue { invitation } | Self::InvitationRevoked { invitation } => invitation.uuid(),
            Self::EmployeeJoined { user, .. }
            | Self::EmployeeAssigned { user }
            | Self::EmployeeLeft { user } => user.uuid(),
        }
    }

    const fn subject(&self) -> Option<UserId> {
        match self {
            Self::TenantOpened { user, .. }
            | Self::EmployeeJoined { user, .. }
            | Self::EmployeeAssigned { user }
            | Self::EmployeeLeft { user } => Some(*user),
            _ => None,
        }
    }

    pub(crate) fn publish(&self, journal: &mut impl Journal, at: Option<OrganizationId>, now: DateTime<Utc>) {
        let event = Published::new(self.kind(), self.aggregate(), at, now, self);
        journal.event_publish(match self.subject() {
            Some(subject) => event.about(subject),
            None => event,
        });
    }
}
