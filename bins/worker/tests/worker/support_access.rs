//! The mail to a tenant whose data an operator asks to see (AUT-17).

use crate::{
    relay::Relay,
    stage::{nothing_is_left, with_worker},
};
use tryzore_auth::support_access::{SupportGrantForm, request};
use tryzore_auth_postgres::Auth;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{Actor, PlatformGrants, PlatformRole};
use tryzore_testkit::{Database, TestTenant, operator::appoint_as};

#[tokio::test]
async fn aut_17_the_tenant_is_written_to_when_an_operator_asks_for_access() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let (operator, _) = appoint_as(&studio, PlatformRole::SupportAdmin).await;
    let actor = Actor::User { user: operator, session: tryzore_kernel::SessionId::generate(studio.now()) };
    let held = PlatformRole::SupportAdmin.permissions();
    let permit = PlatformGrants::compile(actor, studio.tenant, held).unwrap().permit().unwrap();
    let form = SupportGrantForm {
        reason: "A class is missing".into(),
        ticket: Some("SUP-1".into()),
        permissions: vec!["events.view_all".into()],
        organizations: None,
        minutes: 30,
    };
    let now = studio.now();
    let ask = async |tx: &mut PlatformTx| request(&permit, &mut tx.auth(), studio.tenant, form, now).await;
    let grant = studio.db.operator_tx(&permit, ask).await.unwrap();
    with_worker(&studio, &relay, async |_| nothing_is_left(&studio).await).await;
    let mails = relay.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("To: owner@example.com"), "{}", mails[0]);
    assert!(mails[0].contains("A class is missing") && mails[0].contains("SUP-1"));
    assert!(mails[0].contains(&format!("/support-access/{}", grant.id)));
}
