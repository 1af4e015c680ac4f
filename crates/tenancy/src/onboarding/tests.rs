//! The rules of a session, without a store (ONB-01, ONB-02, ONB-04).

use super::{
    DetailsForm, LocationsForm, OnboardingSession, Progress, Step,
    session::{Account, SESSION_LIFE},
};
use crate::{
    Minted,
    testing::{NOW, form},
};
use chrono::Duration;
use tryzore_kernel::{Denial, Email, OrganizationId, OwnerAccountId, TenantId, UserId};

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

fn account() -> Account {
    Account { owner: OwnerAccountId::generate(NOW), user: UserId::generate(NOW) }
}

fn locations() -> LocationsForm {
    LocationsForm { business_name: None, locations: vec![form("Main")] }
}

fn details(email: &str) -> super::Details {
    DetailsForm { name: "Ada".into(), email: email.into() }.check().unwrap()
}

fn started() -> OnboardingSession {
    OnboardingSession::new(Minted::onboarding([1; 32]).hash, NOW)
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Denial>) -> String {
    outcome.unwrap_err().code.into_owned()
}

#[test]
fn onb_01_account_created_then_organization_pending_then_complete() {
    let (account, ada) = (account(), email("ada@example.com"));
    let session = started();
    assert_eq!((session.progress.as_str(), session.next_step()), ("account_created", Some(Step::Details)));
    let session = session.with_details(details("ada@example.com"), NOW).unwrap();
    assert_eq!((session.progress.as_str(), session.next_step()), ("account_created", Some(Step::Account)));
    let session = session.with_account(account, &ada, NOW).unwrap();
    assert_eq!((session.progress.as_str(), session.next_step()), ("account_created", Some(Step::Locations)));
    let session = session.with_locations(locations(), NOW).unwrap();
    assert_eq!(
        (session.progress.as_str(), session.next_step()),
        ("organization_pending", Some(Step::Complete))
    );
    let (tenant, at) = (TenantId::generate(NOW), vec![OrganizationId::generate(NOW)]);
    let session = session.completed(account, tenant, at.clone(), NOW);
    assert_eq!((session.progress.as_str(), session.next_step()), ("complete", None));
    assert_eq!(session.progress, Progress::Complete { account, tenant, organizations: at });
}

#[test]
fn onb_04_no_step_can_be_skipped_and_every_earlier_step_can_be_given_again() {
    let ada = email("ada@example.com");
    let out_of_order = "onboarding.step.out_of_order";
    assert_eq!(code(started().with_account(account(), &ada, NOW)), out_of_order);
    assert_eq!(code(started().with_locations(locations(), NOW)), out_of_order);
    let session = started().with_details(details("ada@example.com"), NOW).unwrap();
    assert_eq!(code(session.clone().with_locations(locations(), NOW)), out_of_order);
    let session =
        session.with_account(account(), &ada, NOW).unwrap().with_locations(locations(), NOW).unwrap();
    let session = session.with_details(details("ada@example.com"), NOW).unwrap();
    assert_eq!(session.next_step(), Some(Step::Complete), "going back loses nothing");
    let complete = session.clone().completed(account(), TenantId::generate(NOW), vec![], NOW);
    assert_eq!(code(complete.with_details(details("ada@example.com"), NOW)), "onboarding.session.complete");
}

#[test]
fn a_verified_address_does_not_change_and_no_other_address_opens_the_account() {
    let ada = email("ada@example.com");
    let session = started().with_details(details("ada@example.com"), NOW).unwrap();
    let wrong = session.clone().with_account(account(), &email("eve@example.com"), NOW);
    assert_eq!(code(wrong), "onboarding.account.other_email");
    let mine = account();
    let session = session.with_account(mine, &ada, NOW).unwrap();
    assert_eq!(
        session.clone().with_account(mine, &ada, NOW).unwrap().account(),
        Some(mine),
        "repeating the step changes nothing"
    );
    assert_eq!(code(session.clone().with_account(account(), &ada, NOW)), "onboarding.account.other_user");
    assert_eq!(code(session.with_details(details("eve@example.com"), NOW)), "onboarding.details.email_fixed");
}

#[test]
fn onb_02_a_session_expires_after_24_hours_unless_it_is_complete() {
    assert_eq!(SESSION_LIFE, Duration::hours(24));
    let (session, end) = (started(), NOW + Duration::hours(24));
    assert!(session.check_alive(end - Duration::microseconds(1)).is_ok());
    assert_eq!(code(session.check_alive(end)), "onboarding.session.expired");
    let complete = session.completed(account(), TenantId::generate(NOW), vec![], NOW);
    assert!(complete.check_alive(end + Duration::days(365)).is_ok());
}
