use super::*;
use crate::testing::{Memory, NOW};
use futures::executor::block_on;

pub(crate) fn link(tenant: TenantId) -> SsoLink {
    let connection = SsoConnection {
        id: "conn_1".into(),
        kind: "GenericSAML".into(),
        name: "Iron Works".into(),
        state: ConnectionState::Active,
    };
    SsoLink {
        tenant,
        provider_organization: "org_1".into(),
        required_since: Some(NOW),
        linked_at: NOW,
        read_at: NOW,
        version: 1,
        connections: vec![connection],
        domains: vec![
            SsoDomain { name: "example.com".into(), state: DomainState::Verified },
            SsoDomain { name: "example.org".into(), state: DomainState::Pending },
        ],
    }
}

fn code(link: &SsoLink, email: &str, is_owner: bool) -> Option<String> {
    link.check_other_way(&email.parse().unwrap(), is_owner).err().map(|denial| denial.code.into_owned())
}

#[test]
fn aut_09_only_those_with_a_verified_domain_must_use_it() {
    let link = link(TenantId::generate(NOW));
    let refused = Some("auth.login.sso_required".to_owned());
    assert_eq!(code(&link, "ada@example.com", false), refused);
    assert_eq!(code(&link, "ada@example.com", true), refused, "owners too, while it works");
    for other in ["ada@example.org", "ada@sub.example.com", "ada@notexample.com", "example.com@other.net"] {
        assert_eq!(code(&link, other, false), None, "{other}");
    }
    let free = SsoLink { required_since: None, ..link };
    assert_eq!(code(&free, "ada@example.com", false), None);
}

#[test]
fn while_no_connection_is_active_an_owner_gets_in_another_way_and_nobody_else() {
    let mut link = link(TenantId::generate(NOW));
    link.connections[0].state = ConnectionState::Inactive;
    assert_eq!(code(&link, "ada@example.com", true), None);
    assert!(code(&link, "ada@example.com", false).is_some());
}

fn news(minutes: i64, organization: &str, state: ConnectionState) -> SsoNews {
    let mut connection = link(TenantId::generate(NOW)).connections.remove(0);
    connection.state = state;
    let change = SsoChange::Connection(connection);
    SsoNews { at: NOW + TimeDelta::minutes(minutes), provider_organization: organization.into(), change }
}

#[test]
fn reports_in_any_order_and_repeated_lead_to_the_same_state() {
    let all = [
        news(1, "org_1", ConnectionState::Inactive),
        news(2, "org_1", ConnectionState::Active),
        news(3, "org_1", ConnectionState::Inactive),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let mut store = Memory { sso: vec![link(TenantId::generate(NOW))], ..Memory::default() };
        for nth in order.into_iter().chain(order) {
            block_on(follow(&mut store, all[nth].clone())).unwrap();
        }
        assert_eq!(store.sso[0].connections[0].state, ConnectionState::Inactive, "{order:?}");
    }
}

#[test]
fn reports_of_others_and_from_before_the_provider_was_asked_change_nothing() {
    let mut store = Memory { sso: vec![link(TenantId::generate(NOW))], ..Memory::default() };
    for stale in [news(-1, "org_1", ConnectionState::Deleted), news(1, "org_2", ConnectionState::Deleted)] {
        block_on(follow(&mut store, stale)).unwrap();
    }
    assert!(store.sso[0].active().is_some());
    block_on(follow(&mut store, news(0, "org_1", ConnectionState::Deleted))).unwrap();
    assert_eq!(store.sso[0].active(), None);
}
