//! What a page costs the database does not depend on how much is on it or in the tenant.

use crate::caller::{Caller, days};
use tryzore_crm_api::routes::routes;
use tryzore_testkit::{TestTenant, http::Api};

#[tokio::test]
async fn evt_15_a_page_of_the_schedule_costs_as_many_statements_however_much_is_on_it() {
    let mut studio = TestTenant::open().await;
    let member = studio.member(studio.main).await;
    let tap = studio.tap().await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.view_all"]);
    let path = format!("/events?{}&limit=200", days(&studio, 7));
    let page = async || {
        let before = tap.statements();
        let answer = desk.get(&path).await;
        (answer.column("id").len(), tap.statements() - before)
    };

    studio.booked_classes(member, 2).await;
    // What is done once a connection is done.
    page().await;
    let (rows, few) = page().await;
    assert_eq!(rows, 2);
    assert!((1..=3).contains(&few), "{few}");
    studio.booked_classes(member, 300).await;
    assert_eq!(page().await, (200, few));
    api.stop().await;
}
