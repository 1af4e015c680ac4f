//! The domain events that this crate publishes. They carry ids only: a subscriber that needs a name reads it
//! with its own permissions.

use crate::TenantStatus;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    Invalidates, Invalidation, InvitationId, OnboardingId, OrganizationId, OwnerAccountId, TenantId, UserId,
};
use tryzore_rbac::{
    domain_event::{About, Payload},
    domain_events,
};

domain_events! {
    MANAGE_STAFF {
        OrganizationOpened = "tenancy.organization_opened", invalidates |_| Invalidates::OwnTenant;
        /// A location was changed.
        OrganizationEdited(OfOrganization) = "tenancy.organization_edited", invalidates |_| Invalidates::OwnTenant;
        /// A location closed for good.
        OrganizationClosed(OfOrganization) = "tenancy.organization_closed", invalidates |_| Invalidates::OwnTenant;
        SettingsChanged = "tenancy.settings_changed";
        /// Payments of a location could not be set up (ONB-06).
        PaymentsFailed(OfOrganization) = "tenancy.payments_failed";
        /// A mail with an invitation is due, for the first time or again.
        InvitationDue(OfInvitation) = "tenancy.invitation_due";
        /// An invitation was revoked.
        InvitationRevoked(OfInvitation) = "tenancy.invitation_revoked";
        EmployeeJoined = "tenancy.employee_joined";
        /// An employee's locations or roles changed.
        EmployeeAssigned(OfEmployee) = "tenancy.employee_assigned";
        /// Someone left the staff.
        EmployeeLeft(OfEmployee) = "tenancy.employee_left";
    }
    SUBJECT {
        TenantOpened = "tenancy.tenant_opened";
        TenantStatusChanged = "tenancy.tenant_status_changed", invalidates |it| Invalidation::Tenant(it.tenant);
        OnboardingDetailsGiven = "tenancy.onboarding_details_given";
    }
}

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfOrganization {
    /// The location.
    pub organization: OrganizationId,
}

/// An invitation to join the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfInvitation {
    /// The invitation.
    pub invitation: InvitationId,
    /// The first location of the invitation, or the location that it has lost.
    pub organization: Option<OrganizationId>,
}

/// An employee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfEmployee {
    /// The user who is employed.
    pub user: UserId,
    /// The location where something changed, or where the employee worked.
    pub organization: Option<OrganizationId>,
}

/// A location opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationOpened {
    /// The location.
    pub organization: OrganizationId,
    /// The location above it.
    pub parent: Option<OrganizationId>,
}

/// Settings or hours of a location changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The location.
    pub organization: OrganizationId,
    /// The names of the changed fields.
    pub changed: Vec<String>,
}

/// Someone joined the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmployeeJoined {
    /// The user who is employed.
    pub user: UserId,
    /// The invitation that the user accepted.
    pub invitation: InvitationId,
    /// The location of the first session.
    pub organization: Option<OrganizationId>,
}

/// A tenant opened with its first locations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantOpened {
    /// The tenant.
    pub tenant: TenantId,
    /// The owner account of the tenant.
    pub owner: OwnerAccountId,
    /// The user who signs in as owner.
    pub user: UserId,
    /// The first locations of the tenant.
    pub organizations: Vec<OrganizationId>,
}

/// The platform suspended, reactivated or deleted a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantStatusChanged {
    /// The tenant.
    pub tenant: TenantId,
    /// The new status of the tenant.
    pub status: TenantStatus,
}

/// Someone gave their name and address: a mail that verifies the address is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingDetailsGiven {
    /// The onboarding session.
    pub onboarding: OnboardingId,
}

impl Payload for OfOrganization {
    fn about(&self) -> About {
        About::object(self.organization).at(self.organization)
    }
}

impl Payload for OfInvitation {
    fn about(&self) -> About {
        About::object(self.invitation).at(self.organization)
    }
}

impl Payload for OfEmployee {
    fn about(&self) -> About {
        About::object(self.user).at(self.organization).person(self.user)
    }
}

impl Payload for OrganizationOpened {
    fn about(&self) -> About {
        About::object(self.organization).at(self.organization)
    }
}

impl Payload for SettingsChanged {
    fn about(&self) -> About {
        About::object(self.organization).at(self.organization)
    }
}

impl Payload for EmployeeJoined {
    fn about(&self) -> About {
        About::object(self.user).at(self.organization).person(self.user)
    }
}

impl Payload for TenantOpened {
    fn about(&self) -> About {
        About::object(self.tenant).person(self.user)
    }
}

impl Payload for TenantStatusChanged {
    fn about(&self) -> About {
        About::object(self.tenant)
    }
}

impl Payload for OnboardingDetailsGiven {
    fn about(&self) -> About {
        About::object(self.onboarding)
    }
}
