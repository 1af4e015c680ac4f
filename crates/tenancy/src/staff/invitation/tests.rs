//! The life of an invitation, and its form (ONB-09).

use super::*;
use crate::testing::NOW;

fn form() -> InvitationForm {
    InvitationForm {
        name: "Ada".into(),
        email: "Ada@example.com".into(),
        phone: None,
        role: RoleId::generate(NOW),
        primary_organization: OrganizationId::generate(NOW),
        other_organizations: vec![],
        reviewed_permissions: vec!["events.view_own".into()],
        role_expires_at: None,
    }
}

fn ada() -> Invitee {
    Invitee::Active(UserId::generate(NOW))
}

fn invitation() -> Invitation {
    Invitation::new(form().check().unwrap(), RoleScope::Organization, None, NOW)
}

#[test]
fn onb_09_an_invitation_can_be_accepted_for_seven_days_after_it_was_last_sent() {
    let (invitation, tick) = (invitation(), Duration::microseconds(1));
    let end = NOW + Duration::days(7);
    assert!(invitation.accept(ada(), end - tick).is_ok());
    assert_eq!(invitation.accept(ada(), end).unwrap_err().code, "staff.invitation.expired");
    assert_eq!((invitation.state_text(end - tick), invitation.state_text(end)), ("pending", "expired"));
    let again = invitation.resend(None, end).unwrap();
    assert!(again.accept(ada(), end + Duration::days(7) - tick).is_ok());
    assert!(again.accept(ada(), end + Duration::days(7)).is_err());
    assert_eq!((again.sent_count, again.token), (2, None));
}

#[test]
fn onb_09_closing_a_location_removes_it_from_the_invitation_or_revokes_the_invitation() {
    let other = OrganizationId::generate(NOW);
    let both = InvitationForm { other_organizations: vec![other], ..form() };
    let primary = both.primary_organization;
    let both = Invitation::new(both.check().unwrap(), RoleScope::Organization, None, NOW);
    let left = both.without(primary, NOW).unwrap();
    assert_eq!((left.organizations.as_slice(), left.state), ([other].as_slice(), InvitationState::Pending));
    let ended = left.without(other, NOW).unwrap();
    assert_eq!((ended.state, ended.token), (InvitationState::Revoked { at: NOW }, None));
    assert_eq!(ended.without(other, NOW).unwrap_err().code, "staff.invitation.revoked");
}

#[test]
fn onb_09_accepting_needs_a_password_and_is_idempotent() {
    let (invitation, ada) = (invitation(), ada());
    let early = invitation.accept(Invitee::Unclaimed, NOW).unwrap_err();
    assert_eq!(early.code, "staff.accept.unclaimed");
    assert_eq!(early.remedy.unwrap().action.as_deref(), Some("verify_email"));
    let (by, accepted) = invitation.accept(ada, NOW).unwrap();
    assert_eq!(Invitee::Active(by), ada);
    let accepted = accepted.unwrap();
    assert_eq!(accepted.accept(ada, NOW + INVITATION_LIFE), Ok((by, None)), "also when its time is over");
    for other in [Invitee::Unclaimed, Invitee::Active(UserId::generate(NOW))] {
        assert_eq!(accepted.accept(other, NOW).unwrap_err().code, "staff.invitation.accepted");
    }
    assert_eq!(accepted.resend(None, NOW).unwrap_err().code, "staff.invitation.accepted");
    let revoked = invitation.revoke(NOW).unwrap();
    assert_eq!(revoked.accept(ada, NOW).unwrap_err().code, "staff.invitation.revoked");
    assert_eq!(revoked.link(TokenHash::from([0; 32]), NOW).unwrap_err().code, "staff.invitation.revoked");
}

#[test]
fn onb_09_a_person_with_a_closed_account_is_refused_for_that_reason() {
    let (invitation, closed) = (invitation(), Invitee::Closed { at: NOW - Duration::days(1) });
    let accepted = invitation.accept(ada(), NOW).unwrap().1.unwrap();
    for (invitation, now) in [(&invitation, NOW), (&invitation, NOW + INVITATION_LIFE), (&accepted, NOW)] {
        let denial = invitation.accept(closed, now).unwrap_err();
        assert_eq!(denial.code, "staff.accept.account_closed");
        assert_eq!(denial.because[0].value, "deactivated");
        assert!(denial.remedy.unwrap().text.contains("opened again"));
    }
}

#[test]
fn onb_09_a_form_names_at_most_fifty_locations_and_real_permissions() {
    let pointers = |form: InvitationForm| -> Vec<String> {
        form.check()
            .err()
            .map_or_else(Vec::new, |errors| errors.pointers().into_iter().map(str::to_owned).collect())
    };
    let others = |count: usize| InvitationForm {
        other_organizations: (0..count).map(|_| OrganizationId::generate(NOW)).collect(),
        ..form()
    };
    assert_eq!(pointers(others(49)), [""; 0]);
    assert_eq!(pointers(others(50)), ["/other_organization_ids"]);
    let wrong = InvitationForm {
        name: " ".into(),
        email: "ada".into(),
        phone: Some("06".into()),
        reviewed_permissions: vec!["events.*".into(), "own.book".into()],
        ..form()
    };
    let expected = ["/name", "/email", "/phone", "/reviewed_permissions/0", "/reviewed_permissions/1"];
    assert_eq!(pointers(wrong), expected);
}
