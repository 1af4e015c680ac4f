//! Tests of setting the status of a tenant, with a store in memory (TEN-04, TEN-11).

use super::*;
use crate::testing::NOW;
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_kernel::{Decision, Published, SessionId, StoreResult, UserId};
use tryzore_rbac::{Actor, PlatformGrants, PlatformSlug};

#[derive(Default)]
struct Register {
    tenants: Vec<Tenant>,
    trail: Vec<(TenantId, AuditEntry)>,
    platform_log: Vec<AuditEntry>,
    published: Vec<Published>,
    decided: Vec<Decision>,
}

impl Tenants for Register {
    async fn tenant_find(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        Ok(self.tenants.iter().find(|tenant| tenant.id == id).cloned())
    }

    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        self.tenant_find(id).await
    }

    async fn tenant_insert(&mut self, tenant: &Tenant) -> StoreResult<()> {
        self.tenants.push(tenant.clone());
        Ok(())
    }

    async fn tenant_set_status(&mut self, tenant: &Tenant) -> StoreResult<()> {
        *self.tenants.iter_mut().find(|known| known.id == tenant.id).unwrap() = tenant.clone();
        Ok(())
    }
}

impl TenantTrail for Register {
    async fn trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()> {
        self.trail.push((tenant, entry));
        Ok(())
    }
}

impl Journal for Register {
    fn event_publish(&mut self, event: Published) {
        self.published.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.decided.push(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.platform_log.push(entry);
    }
}

fn register_with_tenant() -> (Register, TenantId, PlatformPermit<SetTenantStatus>) {
    let tenant = Tenant::new(TenantId::generate(NOW), "Iron".into(), "a@iron.it".parse().unwrap(), NOW);
    let actor = Actor::User { user: UserId::generate(NOW), session: SessionId::generate(NOW) };
    let grants =
        PlatformGrants::compile(actor, TenantId::generate(NOW), [PlatformSlug::SetTenantStatus]).unwrap();
    let id = tenant.id;
    (Register { tenants: vec![tenant], ..Register::default() }, id, grants.permit().unwrap())
}

fn set_status(
    stage: &mut (Register, TenantId, PlatformPermit<SetTenantStatus>),
    to: TenantStatus,
    reason: &str,
    version: i32,
) -> Result<Tenant, UseCaseError> {
    let (register, id, permit) = stage;
    let set_status = SetStatus { to, reason: reason.into(), version };
    block_on(set_tenant_status(permit, register, *id, set_status, NOW + TimeDelta::hours(1)))
}

#[test]
fn ten_04_operator_and_reason_are_stored_and_recorded_in_the_audit_trail() {
    let mut stage = register_with_tenant();
    let suspended = set_status(&mut stage, TenantStatus::Suspended, " unpaid since May ", 1).unwrap();
    let status_change = suspended.status_change.clone().unwrap();
    assert_eq!((status_change.by, &*status_change.because), (stage.2.user(), "unpaid since May"));
    assert_eq!((status_change.at, suspended.version), (NOW + TimeDelta::hours(1), 2));
    let (register, id, _) = &stage;
    assert_eq!(register.tenants, [suspended]);
    let [(of, line)] = &register.trail[..] else { panic!("one line") };
    let details = json!({ "from": "active", "to": "suspended", "reason": "unpaid since May" });
    assert_eq!((of, line.action, &line.details), (id, "tenants.set_status", &details));
    assert_eq!(&register.platform_log[..], std::slice::from_ref(line), "and in the platform's own log");
    assert_eq!(register.published[0].kind, "tenancy.tenant_status_changed");
}

#[test]
fn ten_04_a_reason_has_one_to_500_characters() {
    for (length, is_valid) in [(0, false), (1, true), (500, true), (501, false)] {
        let status_change =
            set_status(&mut register_with_tenant(), TenantStatus::Suspended, &"é".repeat(length), 1);
        match status_change {
            Ok(_) => assert!(is_valid, "{length}"),
            Err(UseCaseError::Invalid(invalid)) => {
                assert!(!is_valid && invalid.pointers() == ["/reason"], "{length}");
            }
            Err(other) => panic!("{length}: {other}"),
        }
    }
}

#[test]
fn ten_04_an_outdated_version_changes_nothing_and_repeating_is_no_error() {
    let mut stage = register_with_tenant();
    for version in [0, 2] {
        assert_eq!(
            set_status(&mut stage, TenantStatus::Suspended, "unpaid", version),
            Err(UseCaseError::Stale)
        );
    }
    assert!(stage.0.trail.is_empty() && stage.0.published.is_empty());
    let first = set_status(&mut stage, TenantStatus::Suspended, "unpaid", 1).unwrap();
    let again = set_status(&mut stage, TenantStatus::Suspended, "another reason", 1).unwrap();
    assert_eq!(again, first, "the first reason stays");
    assert_eq!((stage.0.trail.len(), stage.0.published.len()), (1, 1));
}

#[test]
fn ten_04_a_deleted_tenant_stays_deleted_and_the_refusal_is_recorded() {
    let mut stage = register_with_tenant();
    set_status(&mut stage, TenantStatus::Deleted, "closed down", 1).unwrap();
    let refused = set_status(&mut stage, TenantStatus::Active, "a mistake", 2).unwrap_err();
    let UseCaseError::Denied(denial) = refused else { panic!("{refused}") };
    assert!(denial.code == "tenants.deleted" && denial.remedy.is_some());
    let [decision] = &stage.0.decided[..] else { panic!("one decision") };
    assert_eq!((decision.command, decision.object), (COMMAND, stage.1.uuid()));
    stage.1 = TenantId::generate(NOW);
    let nobody = set_status(&mut stage, TenantStatus::Suspended, "unpaid", 1);
    assert_eq!(nobody, Err(UseCaseError::NotFound("tenant")));
}

#[test]
fn ten_04_an_operator_cannot_suspend_or_delete_their_own_tenant() {
    let (mut register, id, _) = register_with_tenant();
    let actor = Actor::User { user: UserId::generate(NOW), session: SessionId::generate(NOW) };
    let inside = PlatformGrants::compile(actor, id, PlatformSlug::ALL).unwrap().permit().unwrap();
    for to in [TenantStatus::Suspended, TenantStatus::Deleted] {
        let set_status = SetStatus { to, reason: "unpaid".into(), version: 1 };
        let refused = block_on(set_tenant_status(&inside, &mut register, id, set_status, NOW)).unwrap_err();
        assert!(matches!(refused, UseCaseError::Denied(denial) if denial.code == "tenants.own"));
    }
    assert_eq!(register.decided.len(), 2);
    register.tenants[0].status = TenantStatus::Suspended;
    let open = SetStatus { to: TenantStatus::Active, reason: "paid".into(), version: 1 };
    assert!(
        block_on(set_tenant_status(&inside, &mut register, id, open, NOW)).is_ok(),
        "reactivating is allowed"
    );
}
