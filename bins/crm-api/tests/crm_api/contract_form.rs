//! The form of ids and of money in the contract.

use tryzore_crm_api::routes::routes;
use tryzore_testkit::contract_form::fields_of_another_form;

/// Fields that have another form still. The list may only get shorter.
const STILL: [&str; 48] = [
    "AcceptedView.home",
    "AcceptedView.tenant",
    "AcceptedView.user",
    "Actor.key",
    "Actor.session",
    "Actor.user",
    "ApiKeyView.issued_by",
    "ApiKeyView.organization",
    "AssignmentView.organization",
    "AssignmentView.role",
    "Denial.decision",
    "EmployeeView.user",
    "InvitationView.accepted_by",
    "InvitationView.invited_by",
    "InvitationView.organizations",
    "InvitationView.role",
    "MeView.session",
    "OnboardedView.organizations",
    "OnboardedView.tenant",
    "OnboardingView.tenant",
    "OrganizationAnalytics.organization",
    "OrganizationView.parent",
    "OverrideView.organization",
    "OverrideView.user",
    "RecoveryView.without_payments",
    "RoleThere.organization",
    "RoleThere.role",
    "SavedInvitation.organizations",
    "SavedInvitation.role",
    "SavedOrganization.parent",
    "SavedOverride.organization",
    "SavedOverride.user",
    "SavedSettings.organization",
    "SessionView.organization",
    "SessionView.tenant",
    "SettingsChange.drop_in_price_minor",
    "SettingsChange.late_cancel_fee_minor",
    "SettingsChange.noshow_fee_minor",
    "SettingsView.organization",
    "SignedInView.session",
    "StaffView.user",
    "StatusChangedBy.user",
    "SwitchedView.session",
    "SwitcherView.organization",
    "SwitcherView.tenant",
    "TenantStatusView.by",
    "UserView.owner_account",
    "WhoCanView.user",
];

#[test]
fn ids_are_named_as_ids_and_money_has_one_form() {
    let found: Vec<_> = fields_of_another_form(routes).into_iter().collect();
    assert_eq!(found, STILL);
}
