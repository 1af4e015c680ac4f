//! Staff on real Postgres (TEN-02, TEN-06, ONB-09).

use crate::tenancy_brand::{TestBrand, TestPlatform, address, bits, code};
use chrono::Duration;
use futures::future::{Either, select};
use secrecy::SecretString;
use tryzore_kernel::{InvitationId, Limit, OrganizationId, Problem, UserId};
use tryzore_rbac::{
    Effect, Permit, Slug,
    catalogue::{ManageRoles, ManageStaff},
    manage::{PermissionOverrideForm, set_override},
};
use tryzore_rbac_postgres::Rbac;
use tryzore_rbac_postgres::RoleView;
use tryzore_tenancy::{
    staff::{
        Acceptance, AssignmentForm, Employee, InvitationForm, InvitationLink, Invited, accept, assign,
        dismiss, invite, issue_link, resend, revoke, unassign,
    },
    token::tenant_of,
};
use tryzore_tenancy_postgres::Tenancy;

mod overrides;

async fn roles(brand: &TestBrand) -> Vec<RoleView> {
    let permit: Permit<ManageRoles> = brand.system();
    brand.tx(&permit, async |tx| Ok::<_, Problem>(tx.rbac().role_list(&permit).await?)).await.unwrap()
}

pub(crate) async fn role(brand: &TestBrand, name: &str) -> RoleView {
    let found =
        roles(brand).await.into_iter().find(|role| role.preset.as_deref() == Some(name) || role.name == name);
    found.unwrap()
}

pub(crate) async fn form(
    brand: &TestBrand,
    name: &str,
    email: &str,
    at: &[OrganizationId],
) -> InvitationForm {
    let role = role(brand, name).await;
    InvitationForm {
        name: "Grace Hopper".into(),
        email: email.into(),
        phone: Some("+390612345678".into()),
        role: role.id,
        primary_organization: at[0],
        other_organizations: at[1..].to_vec(),
        reviewed_permissions: role.permissions.iter().map(|slug| (*slug).to_owned()).collect(),
        role_expires_at: None,
    }
}

pub(crate) async fn ask(brand: &TestBrand, by: UserId, form: InvitationForm) -> Result<Invited, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    let draft = form.check()?;
    brand.tx(&permit, async |tx| invite(&permit, &mut tx.tenancy(), draft, now).await).await
}

pub(crate) async fn sent(
    brand: &TestBrand,
    by: UserId,
    name: &str,
    email: &str,
    at: &[OrganizationId],
) -> InvitationId {
    match ask(brand, by, form(brand, name, email, at).await).await.unwrap() {
        Invited::Invitation(invitation) => invitation.id,
        Invited::Employee(employee) => panic!("{employee:?}"),
    }
}

pub(crate) async fn link(brand: &TestBrand, id: InvitationId) -> Result<InvitationLink, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.system(), brand.now());
    brand.tx(&permit, async |tx| issue_link(&permit, &mut tx.tenancy(), id, bits(), now).await).await
}

pub(crate) async fn join(brand: &TestBrand, token: &SecretString) -> Result<Acceptance, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.system(), brand.now());
    brand.tx(&permit, async |tx| accept(&permit, &mut tx.tenancy(), token, now).await).await
}

/// Adds a new user with the address `email`.
pub(crate) async fn user(brand: &TestBrand, email: &str, status: &str) -> UserId {
    let id = UserId::generate(brand.now());
    let insert =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                  VALUES ($1, $2, now(), 'Grace', $3, now(), now())";
    brand.sql.execute(insert, &[&id.uuid(), &email, &status]).await.unwrap();
    id
}

/// Invites an employee and accepts the invitation.
async fn hire(brand: &TestBrand, name: &str, at: &[OrganizationId]) -> UserId {
    let email = address();
    let id = sent(brand, brand.owner, name, &email, at).await;
    let token = link(brand, id).await.unwrap().token;
    user(brand, &email, "active").await;
    join(brand, &token).await.unwrap().employee.user
}

async fn place(
    brand: &TestBrand,
    by: UserId,
    user: UserId,
    name: &str,
    at: OrganizationId,
    is_primary: bool,
) -> Result<Employee, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    let role = role(brand, name).await.id;
    let form = AssignmentForm { organization: at, role, is_primary, expires_at: None };
    brand.tx(&permit, async |tx| assign(&permit, &mut tx.tenancy(), user, form, now).await).await
}

pub(crate) async fn remove(brand: &TestBrand, by: UserId, user: UserId) -> Result<(), Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    brand.tx(&permit, async |tx| dismiss(&permit, &mut tx.tenancy(), user, now).await).await
}

#[tokio::test]
async fn onb_09_from_the_invitation_to_the_first_day() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let email = address();
    let id = sent(&brand, brand.owner, "trainer", &email, &brand.at).await;
    assert_eq!(brand.count("SELECT count(*) FROM tenancy.invitations WHERE token_hash IS NULL").await, 1);
    let old = link(&brand, id).await.unwrap();
    assert_eq!((old.email.as_str(), tenant_of(&old.token)), (email.as_str(), Some(brand.tenant)));
    let new = link(&brand, id).await.unwrap();
    assert_eq!(code(join(&brand, &old.token).await), "not_found", "each mail replaces the previous link");
    assert_eq!(code(join(&brand, &new.token).await), "staff.accept.unclaimed", "nobody has the address");
    let grace = user(&brand, &email, "invited").await;
    assert_eq!(code(join(&brand, &new.token).await), "staff.accept.unclaimed", "nobody has proven it");
    let proven = "UPDATE identity.users SET status = 'active' WHERE id = $1";
    brand.sql.execute(proven, &[&grace.uuid()]).await.unwrap();
    let joined = join(&brand, &new.token).await.unwrap();
    assert_eq!((joined.employee.user, join(&brand, &new.token).await.unwrap()), (grace, joined.clone()));
    assert_eq!((joined.home, joined.employee.assignments().len()), (Some(brand.at[0]), 2));
    let user = joined.employee.user;
    let grants = brand.grants(user).await;
    assert!(grants.held().contains(Slug::EDIT_OWN_EVENTS) && !grants.held().contains(Slug::EDIT_ALL_EVENTS));
    let changes = format!(
        "SELECT count(*) FROM runtime.outbox WHERE kind = 'rbac.grants_changed' AND subject_id = '{}'",
        user.uuid()
    );
    assert_eq!(brand.count(&changes).await, 1);
    let known = format!(
        "SELECT count(*) FROM tenancy.memberships WHERE user_id = '{}' AND tenant_id = '{}'",
        user.uuid(),
        brand.tenant.uuid()
    );
    assert_eq!(brand.count(&known).await, 1);
    assert_eq!(code(link(&brand, id).await), "staff.invitation.accepted");

    let permit: Permit<ManageStaff> = brand.permit(brand.owner).await;
    let (limit, now) = (Limit::try_new(1).unwrap(), brand.now());
    let list = async |cursor: Option<String>| {
        brand
            .tx(&permit, async |tx| tx.tenancy().staff_list(&permit, limit, cursor.as_deref()).await)
            .await
            .unwrap()
    };
    let first = list(None).await;
    assert_eq!((first.data[0].name.as_str(), first.data[0].assignments.len()), ("Ada Rossi", 1));
    let second = list(first.next_cursor).await;
    assert_eq!((second.data[0].name.as_str(), second.next_cursor.clone()), ("Grace Hopper", None));
    assert_eq!(second.data[0].assignments[0].organization_name, "Main", "the primary one first");
    let invitations = brand
        .tx(&permit, async |tx| tx.tenancy().invitation_list(&permit, limit, None, now).await)
        .await
        .unwrap();
    assert_eq!(
        (invitations.data[0].status.as_str(), invitations.data[0].accepted_by_user_id),
        ("accepted", Some(user))
    );
}

#[tokio::test]
async fn onb_09_an_invitation_expires_after_seven_days_and_can_be_resent_and_revoked() {
    let brand = TestBrand::open(&["Main"]).await;
    let (permit, email): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, address());
    let id = sent(&brand, brand.owner, "trainer", &email, &brand.at).await;
    assert_eq!(
        code(ask(&brand, brand.owner, form(&brand, "trainer", &email, &brand.at).await).await),
        "staff.invite.pending"
    );
    let token = link(&brand, id).await.unwrap().token;
    brand.env.clock.pass(Duration::days(7));
    assert_eq!(code(join(&brand, &token).await), "staff.invitation.expired");
    let now = brand.now();
    let again =
        brand.tx(&permit, async |tx| resend(&permit, &mut tx.tenancy(), id, now).await).await.unwrap();
    assert_eq!((again.sent_count, again.expires_at), (2, now + Duration::days(7)));
    assert_eq!(code(join(&brand, &token).await), "not_found", "the previous link is no longer valid");
    let token = link(&brand, id).await.unwrap().token;
    brand.tx(&permit, async |tx| revoke(&permit, &mut tx.tenancy(), id, now).await).await.unwrap();
    assert_eq!(code(join(&brand, &token).await), "not_found");
    assert_eq!(
        brand.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'tenancy.invitation_due'").await,
        2
    );
    assert!(
        ask(&brand, brand.owner, form(&brand, "trainer", &email, &brand.at).await).await.is_ok(),
        "a new one"
    );
}

#[tokio::test]
async fn onb_09_nobody_grants_permissions_that_they_do_not_hold() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let [main, downtown] = [brand.at[0], brand.at[1]];
    let clerk = hire(&brand, "front_desk", &[main]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let granted = PermissionOverrideForm {
        pattern: "settings.manage_staff".into(),
        effect: Effect::Allow,
        organization: Some(main),
        reason: "hires".into(),
        expires_at: None,
    };
    let granted = granted.check(clerk, now).unwrap();
    brand.tx(&permit, async |tx| set_override(&permit, &mut tx.rbac(), granted, now).await).await.unwrap();

    let refused = ask(&brand, clerk, form(&brand, "admin", &address(), &[main]).await).await.unwrap_err();
    let denial = refused.denial.unwrap();
    assert_eq!((refused.status, &*denial.code), (403, "rbac.give.exceeds_own"));
    let missing = denial.because[0].value.as_array().unwrap();
    assert!(
        missing.contains(&"financials.process_refund".into()) && !missing.contains(&"events.view_all".into())
    );
    assert!(denial.decision.is_some(), "recorded");
    assert_eq!(
        code(ask(&brand, clerk, form(&brand, "front_desk", &address(), &[downtown]).await).await),
        "not_found"
    );
    assert!(ask(&brand, clerk, form(&brand, "front_desk", &address(), &[main]).await).await.is_ok());
    let owns = ask(&brand, brand.owner, form(&brand, "enterprise_owner", &address(), &[main]).await).await;
    assert_eq!(code(owns), "staff.role.comes_with_owning");
    assert_eq!(
        code(remove(&brand, clerk, brand.owner).await),
        "rbac.give.exceeds_own",
        "the clerk cannot take them away either"
    );
    let mut blind = form(&brand, "front_desk", &address(), &[main]).await;
    blind.reviewed_permissions.pop();
    assert_eq!(code(ask(&brand, brand.owner, blind).await), "staff.invite.role_changed");
}

#[tokio::test]
async fn onb_09_inviting_a_colleague_adds_an_assignment() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let user = hire(&brand, "trainer", &brand.at[..1]).await;
    let email = format!("SELECT email FROM tenancy.employees WHERE user_id = '{}'", user.uuid());
    let email: String = brand.sql.query_one(&email, &[]).await.unwrap().get(0);
    match ask(&brand, brand.owner, form(&brand, "front_desk", &email, &brand.at[1..]).await).await.unwrap() {
        Invited::Employee(employee) => {
            assert_eq!(
                (employee.user, employee.assignments().len(), employee.home()),
                (user, 2, Some(brand.at[0]))
            );
        }
        Invited::Invitation(invitation) => panic!("{invitation:?}"),
    }
    let again = ask(&brand, brand.owner, form(&brand, "admin", &email, &brand.at[1..]).await).await;
    assert_eq!(code(again), "staff.invite.works_there");
}

#[tokio::test]
async fn ten_06_exactly_one_location_is_primary() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let [main, downtown] = [brand.at[0], brand.at[1]];
    let user = hire(&brand, "trainer", &[main]).await;
    assert_eq!(
        place(&brand, brand.owner, user, "trainer", downtown, true).await.unwrap().home(),
        Some(downtown)
    );
    let promoted = place(&brand, brand.owner, user, "admin", main, false).await.unwrap();
    assert_eq!((promoted.home(), promoted.assignments().len()), (Some(downtown), 2));
    let primary =
        format!("SELECT count(*) FROM rbac.assignments WHERE is_primary AND user_id = '{}'", user.uuid());
    assert_eq!(brand.count(&primary).await, 1);
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, brand.now());
    let leave = async |at| {
        brand.tx(&permit, async |tx| unassign(&permit, &mut tx.tenancy(), user, at, now).await).await.unwrap()
    };
    assert_eq!(leave(downtown).await.unwrap().home(), Some(main));
    assert_eq!(leave(main).await, None);
    assert_eq!(
        brand.count("SELECT count(*) FROM tenancy.employees").await,
        1,
        "the last one ends the employment"
    );
    let known = format!("SELECT count(*) FROM tenancy.memberships WHERE user_id = '{}'", user.uuid());
    assert_eq!(brand.count(&known).await, 0);
}

/// Returns when a transaction of this database waits for a lock.
pub(crate) async fn somebody_waits(brand: &TestBrand) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while brand.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
}

/// Another owner of `brand`, who owns its first location as a partner.
async fn second_owner(brand: &TestBrand) -> UserId {
    let (other, account) = (UserId::generate(brand.now()), uuid::Uuid::from(UserId::generate(brand.now())));
    let (tenant, main) = (brand.tenant.uuid(), brand.at[0].uuid());
    brand.sql.execute("INSERT INTO tenancy.owner_accounts (id, user_id, email, name, created_at, updated_at) VALUES ($1, $2, $3, 'Bea', now(), now())", &[&account, &other.uuid(), &address()]).await.unwrap();
    brand
        .sql
        .execute(
            "INSERT INTO tenancy.owner_organizations VALUES ($1, $2, $3, 'partner', now())",
            &[&tenant, &account, &main],
        )
        .await
        .unwrap();
    brand.sql.execute("INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at) VALUES ($1, $2, 'Bea', $3, now())", &[&tenant, &other.uuid(), &address()]).await.unwrap();
    brand.sql.execute("INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at) SELECT $1, $2, $3, id, true, now() FROM rbac.roles WHERE preset = 'enterprise_owner'", &[&tenant, &other.uuid(), &main]).await.unwrap();
    other
}

#[tokio::test]
async fn ten_06_when_two_owners_dismiss_each_other_at_once_one_stays() {
    let brand = TestBrand::open_in(TestPlatform::own().await, &["Main"]).await;
    let other = second_owner(&brand).await;
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, brand.now());
    // The second owner was allowed before the first commits, and decides after it.
    let mut second = Box::pin(remove(&brand, other, brand.owner));
    let first = brand.tx(&permit, async |tx| {
        dismiss(&permit, &mut tx.tenancy(), other, now).await?;
        let early = select(&mut second, Box::pin(somebody_waits(&brand))).await;
        assert!(matches!(early, Either::Right(_)), "both have left");
        Ok::<_, Problem>(())
    });
    first.await.unwrap();
    assert_eq!(code(second.await), "staff.last_owner");
    assert_eq!(brand.count("SELECT count(*) FROM rbac.assignments").await, 1);
}

#[tokio::test]
async fn ten_06_when_two_owners_leave_at_once_one_stays() {
    let brand = TestBrand::open_in(TestPlatform::own().await, &["Main"]).await;
    assert_eq!(code(remove(&brand, brand.owner, brand.owner).await), "staff.last_owner");
    let other = second_owner(&brand).await;
    // The second owner leaves after the first has decided but before the commit, so the second must wait.
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, brand.now());
    let mut second = Box::pin(remove(&brand, other, other));
    let first = brand.tx(&permit, async |tx| {
        dismiss(&permit, &mut tx.tenancy(), brand.owner, now).await?;
        let early = select(&mut second, Box::pin(somebody_waits(&brand))).await;
        assert!(matches!(early, Either::Right(_)), "both have left");
        Ok::<_, Problem>(())
    });
    first.await.unwrap();
    assert_eq!(code(second.await), "staff.last_owner");
    assert_eq!(brand.count("SELECT count(*) FROM rbac.assignments").await, 1);
}

#[tokio::test]
async fn ten_02_a_partner_manages_the_location_and_a_viewer_only_reads() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let viewer = UserId::generate(brand.now());
    let account = uuid::Uuid::from(UserId::generate(brand.now()));
    brand.sql.execute("INSERT INTO tenancy.owner_accounts (id, user_id, email, name, created_at, updated_at) VALUES ($1, $2, $3, 'Bea', now(), now())", &[&account, &viewer.uuid(), &address()]).await.unwrap();
    brand
        .sql
        .execute(
            "INSERT INTO tenancy.owner_organizations VALUES ($1, $2, $3, 'viewer', now())",
            &[&brand.tenant.uuid(), &account, &brand.at[0].uuid()],
        )
        .await
        .unwrap();
    let load = async || {
        let loaded = brand
            .env
            .db
            .auth_tx(async |tx| Ok::<_, Problem>(tx.rbac().holdings_load(brand.tenant, viewer).await?))
            .await;
        loaded.unwrap().unwrap()
    };
    let holdings = load().await;
    let sees: Vec<_> = holdings.permitted_at(brand.at[0]).iter().map(Slug::as_str).collect();
    assert_eq!(
        sees,
        [
            "organizations.view_all_orgs",
            "organizations.view_cross_org_analytics",
            "events.view_all",
            "clients.view_basic",
            "financials.view_revenue",
            "financials.view_transactions",
            "financials.view_consolidated"
        ]
    );
    assert!(!holdings.sees(brand.at[1]));
    brand
        .sql
        .execute(
            "UPDATE tenancy.owner_organizations SET role = 'partner' WHERE owner_account_id = $1",
            &[&account],
        )
        .await
        .unwrap();
    assert_eq!(load().await.owned, [brand.at[0]], "with the Enterprise Owner role: everything there");
}
