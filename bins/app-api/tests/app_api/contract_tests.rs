//! Every operation of the contract, tried by those who must not get through (TEN-14, RBA-01).

use chrono::Duration;
use std::collections::HashMap;
use tryzore_app_api::routes::routes;
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::UserId;
use tryzore_testkit::{
    TestTenant,
    contract_tests::{
        CHANGES_OF_ACTING, Operation, changes_open_to_acting, operations_open_to, operations_open_to_key,
        public_operations, unheard_of,
    },
    http::Api,
};

#[tokio::test]
async fn ten_14_nobody_gets_in_without_signing_in() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    assert_eq!(public_operations(&api, routes).await, [""; 0]);
    api.stop().await;
}

#[tokio::test]
async fn rba_01_an_operation_asks_for_the_permission_that_its_contract_names() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let nothing = studio.as_staff(UserId::generate(studio.now()), studio.main, &[]);
    assert!(operations_open_to(&api, routes, &nothing).await.is_empty());
    api.stop().await;
}

#[tokio::test]
async fn aut_06_a_key_is_no_client() {
    let studio = TestTenant::open().await;
    let api = Api::start_with_sessions(&studio, routes).await;
    let key = studio.as_key(&["clients.*", "events.*"]);
    assert_eq!(operations_open_to_key(&api, routes, &key).await, [""; 0]);
    api.stop().await;
}

#[tokio::test]
async fn aut_16_an_acting_session_changes_nothing_but_itself() {
    let studio = TestTenant::open().await;
    let api = Api::start_with_sessions(&studio, routes).await;
    let event = studio.class(studio.main, 1, Duration::hours(3)).await;
    let ids = HashMap::from([("event_id", event.to_string())]);
    let acting = studio.acting(UserId::generate(studio.now()));
    assert_eq!(changes_open_to_acting(&api, routes, &acting, &ids).await, CHANGES_OF_ACTING);
    api.stop().await;
}

#[tokio::test]
async fn ten_14_what_another_tenant_or_person_has_is_as_if_it_were_not() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let api = Api::start(&studio, routes);
    let event = studio.class(studio.main, 1, Duration::hours(3)).await;
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let booked = studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await;
    let booking = booked.unwrap().id.to_string();
    let stranger = api.admit(other.as_client(other.member(other.main).await, other.main));
    let neighbour = api.admit(studio.as_client(studio.member(studio.main).await, studio.main));
    for operation in Operation::all(routes) {
        let named: Vec<&str> = operation.placeholders().collect();
        let ids = HashMap::from([("event_id", event.to_string()), ("booking_id", booking.clone())]);
        if named.contains(&"event_id") {
            let theirs = operation.call(&api, Some(&stranger), &ids).await;
            let none = operation.call(&api, Some(&stranger), &unheard_of(&ids)).await;
            assert_eq!((theirs.status.as_u16(), &theirs), (404, &none), "{}", operation.name());
        }
        if named.contains(&"booking_id") {
            let mut none = ids.clone();
            none.extend(unheard_of(&HashMap::from([("booking_id", booking.clone())])));
            let theirs = operation.call(&api, Some(&neighbour), &ids).await;
            let none = operation.call(&api, Some(&neighbour), &none).await;
            assert_eq!((theirs.status.as_u16(), &theirs), (404, &none), "{}", operation.name());
        }
    }
    api.stop().await;
}
