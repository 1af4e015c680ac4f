//! What the domains declare of their events: a change is seen in review.

use chrono::DateTime;
use std::{collections::BTreeMap, fmt::Write};
use tryzore_auth::{RevocationReason, domain_event as auth};
use tryzore_crm::domain_event as crm;
use tryzore_kernel::{
    ApiKeyId, ClientId, Invalidates, Invalidation, OrganizationId, Published, SessionId, TenantId, UserId,
};
use tryzore_rbac::{DomainEvent, PlatformRole, manage, operators};
use tryzore_tenancy::{TenantStatus, domain_event as tenancy};

#[test]
fn each_kind_is_declared_once_and_has_this_audience() {
    let declared = [
        auth::DECLARED,
        crm::DECLARED,
        tryzore_events::domain_event::DECLARED,
        manage::domain_event::DECLARED,
        operators::domain_event::DECLARED,
        tryzore_support::domain_event::DECLARED,
        tenancy::DECLARED,
    ]
    .concat();
    let audiences: BTreeMap<_, _> = declared.iter().copied().collect();
    assert_eq!(audiences.len(), declared.len(), "each kind is declared once");
    let mut table = String::new();
    for (kind, audience) in audiences {
        let (domain, verb) = kind.split_once('.').expect(kind);
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(is_name(domain) && is_name(verb), "{kind}");
        writeln!(table, "{kind}: {}", audience.permission().unwrap_or("the person concerned alone")).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn events_that_change_what_someone_may_do_invalidate_it() {
    const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;
    let (user, session, tenant) = (UserId::generate(NOW), SessionId::generate(NOW), TenantId::generate(NOW));
    let (organization, key) = (OrganizationId::generate(NOW), ApiKeyId::generate(NOW));
    let of_user = auth::OfUser { user };
    let of_key = auth::OfApiKey { key, tenant, organization };
    let client = crm::OfClient { client: ClientId::generate(NOW), user, organization };
    let location = tenancy::OfOrganization { organization };
    let switched = auth::LocationSwitched { user, session, tenant, from: None, to: organization };
    let reason = RevocationReason::SignedOut;
    let revoked = auth::SessionRevoked { user, session, tenant, reason, provider_session: None };
    let closed = tenancy::TenantStatusChanged { tenant, status: TenantStatus::Suspended };
    let opened = tenancy::OrganizationOpened { organization, parent: None };
    let part = |part| Some(Invalidates::Part(part));
    let operator = operators::domain_event::OfOperator { user, role: PlatformRole::Limited };
    let cases: [(Published, Option<Invalidates>); 17] = [
        (revoked.published(NOW), part(Invalidation::Session(session))),
        (switched.published(NOW), part(Invalidation::Session(session))),
        (auth::UserDeactivated(of_user.clone()).published(NOW), part(Invalidation::User(user))),
        (auth::UserClaimed(of_user).published(NOW), None),
        (auth::ApiKeyRevoked(of_key.clone()).published(NOW), part(Invalidation::ApiKey(key))),
        (auth::ApiKeyIssued(of_key).published(NOW), None),
        (manage::GrantsChanged { user }.published(NOW), part(Invalidation::User(user))),
        (
            operators::domain_event::OperatorRoleChanged(operator).published(NOW),
            part(Invalidation::User(user)),
        ),
        (operators::domain_event::OperatorDismissed(operator).published(NOW), part(Invalidation::User(user))),
        (crm::ClientAdded(client.clone()).published(NOW), part(Invalidation::User(user))),
        (crm::ClientArchived(client.clone()).published(NOW), part(Invalidation::User(user))),
        (crm::ClientRestored(client).published(NOW), part(Invalidation::User(user))),
        (closed.published(NOW), part(Invalidation::Tenant(tenant))),
        (opened.published(NOW), Some(Invalidates::OwnTenant)),
        (tenancy::OrganizationEdited(location.clone()).published(NOW), Some(Invalidates::OwnTenant)),
        (tenancy::OrganizationClosed(location.clone()).published(NOW), Some(Invalidates::OwnTenant)),
        (tenancy::PaymentsFailed(location).published(NOW), None),
    ];
    for (event, invalidates) in cases {
        assert_eq!(event.invalidates, invalidates, "{}", event.kind);
    }
}
