//! The form of ids and of money in the contract.

use tryzore_app_api::routes::routes;
use tryzore_testkit::contract_form::fields_of_another_form;

#[test]
fn ids_are_named_as_ids_and_money_has_one_form() {
    let found = fields_of_another_form(routes);
    assert!(found.is_empty(), "{found:?}");
}
