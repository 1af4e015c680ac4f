//! The form of ids and of money in the contract.

use tryzore_app_api::routes::routes;
use tryzore_testkit::contract_form::fields_of_another_form;

/// Fields that have another form still. The list may only get shorter.
const STILL: [&str; 12] = [
    "Actor.key",
    "Actor.session",
    "Actor.user",
    "Denial.decision",
    "MeView.session",
    "SessionView.organization",
    "SessionView.tenant",
    "SignedInView.session",
    "SwitchedView.session",
    "SwitcherView.organization",
    "SwitcherView.tenant",
    "UserView.owner_account",
];

#[test]
fn ids_are_named_as_ids_and_money_has_one_form() {
    let found: Vec<_> = fields_of_another_form(routes).into_iter().collect();
    assert_eq!(found, STILL);
}
