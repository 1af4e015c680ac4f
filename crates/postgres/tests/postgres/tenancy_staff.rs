//! Staff, roles and what people hold on real Postgres (TEN-02, TEN-06, ONB-09, RBA-03).

use crate::tenancy_brand::{TestBrand, TestPlatform, address, bits, code};
use chrono::Duration;
use futures::future::{Either, select};
use secrecy::SecretString;
use tryzore_kernel::{Email, InvitationId, Limit, OrganizationId, Problem, RoleId, UserId};
use tryzore_postgres::rbac::RoleView;
use tryzore_rbac::{
    Effect, Permit, Slug,
    catalogue::{ManageRoles, ManageStaff},
    explain::Ground,
    manage::{
        PermissionOverrideForm, RoleForm, RoleScope, clear_override, create_role, delete_role, edit_role,
        explain, set_override, who_can,
    },
};
use tryzore_tenancy::{
    staff::{
        Acceptance, AssignmentForm, Employee, InvitationForm, InvitationLink, Invited, accept, assign,
        dismiss, invite, issue_link, resend, revoke, unassign,
    },
    token::tenant_of,
};

async fn roles(brand: &TestBrand) -> Vec<RoleView> {
    let permit: Permit<ManageRoles> = brand.system();
    brand.tx(&permit, async |tx| Ok::<_, Problem>(tx.role_list(&permit).await?)).await.unwrap()
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
    }
}

pub(crate) async fn ask(brand: &TestBrand, by: UserId, form: InvitationForm) -> Result<Invited, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    let draft = form.check()?;
    brand.tx(&permit, async |tx| invite(&permit, tx, draft, now).await).await
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
    brand.tx(&permit, async |tx| issue_link(&permit, tx, id, bits(), now).await).await
}

pub(crate) async fn join(brand: &TestBrand, token: &SecretString) -> Result<Acceptance, Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.system(), brand.now());
    brand.tx(&permit, async |tx| accept(&permit, tx, token, now).await).await
}

/// Someone who was not there before, with the address `email`.
pub(crate) async fn user(brand: &TestBrand, email: &str, status: &str) -> UserId {
    let id = UserId::generate(brand.now());
    let insert =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                  VALUES ($1, $2, now(), 'Grace', $3, now(), now())";
    brand.sql.execute(insert, &[&id.uuid(), &email, &status]).await.unwrap();
    id
}

/// Someone who was invited and has accepted.
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
    let form = AssignmentForm { organization: at, role: role(brand, name).await.id, is_primary };
    brand.tx(&permit, async |tx| assign(&permit, tx, user, form, now).await).await
}

pub(crate) async fn remove(brand: &TestBrand, by: UserId, user: UserId) -> Result<(), Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    brand.tx(&permit, async |tx| dismiss(&permit, tx, user, now).await).await
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
    assert_eq!(code(join(&brand, &old.token).await), "not_found", "each mail replaces the link before");
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
    let told = format!(
        "SELECT count(*) FROM runtime.outbox WHERE kind = 'rbac.grants_changed' AND subject_id = '{}'",
        user.uuid()
    );
    assert_eq!(brand.count(&told).await, 1);
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
        brand.tx(&permit, async |tx| tx.staff_list(&permit, limit, cursor.as_deref()).await).await.unwrap()
    };
    let first = list(None).await;
    assert_eq!((first.data[0].name.as_str(), first.data[0].assignments.len()), ("Ada Rossi", 1));
    let second = list(first.next_cursor).await;
    assert_eq!((second.data[0].name.as_str(), second.next_cursor.clone()), ("Grace Hopper", None));
    assert_eq!(second.data[0].assignments[0].organization_name, "Main", "the primary one first");
    let invitations =
        brand.tx(&permit, async |tx| tx.invitation_list(&permit, limit, None, now).await).await.unwrap();
    assert_eq!(
        (invitations.data[0].status.as_str(), invitations.data[0].accepted_by),
        ("accepted", Some(user))
    );
}

#[tokio::test]
async fn onb_09_seven_days_sent_again_and_taken_back() {
    let brand = TestBrand::open(&["Main"]).await;
    let (permit, email): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, address());
    let id = sent(&brand, brand.owner, "trainer", &email, &brand.at).await;
    assert_eq!(
        code(ask(&brand, brand.owner, form(&brand, "trainer", &email, &brand.at).await).await),
        "staff.invite.pending"
    );
    let token = link(&brand, id).await.unwrap().token;
    brand.town.clock.pass(Duration::days(7));
    assert_eq!(code(join(&brand, &token).await), "staff.invitation.expired");
    let now = brand.now();
    let again = brand.tx(&permit, async |tx| resend(&permit, tx, id, now).await).await.unwrap();
    assert_eq!((again.sent_count, again.expires_at), (2, now + Duration::days(7)));
    assert_eq!(code(join(&brand, &token).await), "not_found", "the link of the mail before");
    let token = link(&brand, id).await.unwrap().token;
    brand.tx(&permit, async |tx| revoke(&permit, tx, id, now).await).await.unwrap();
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
async fn onb_09_nobody_gives_what_he_does_not_hold() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let [main, downtown] = [brand.at[0], brand.at[1]];
    let clerk = hire(&brand, "front_desk", &[main]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let gift = PermissionOverrideForm {
        pattern: "settings.manage_staff".into(),
        effect: Effect::Allow,
        organization: Some(main),
        reason: "hires".into(),
    };
    let gift = gift.check(clerk, now).unwrap();
    brand.tx(&permit, async |tx| set_override(&permit, tx, gift, now).await).await.unwrap();

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
    assert_eq!(code(remove(&brand, clerk, brand.owner).await), "rbac.give.exceeds_own", "nor takes it away");
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
    let leave =
        async |at| brand.tx(&permit, async |tx| unassign(&permit, tx, user, at, now).await).await.unwrap();
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

/// Comes back when a transaction of this database waits for another.
pub(crate) async fn somebody_waits(brand: &TestBrand) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while brand.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn ten_06_two_owners_who_leave_at_once_leave_one() {
    let brand = TestBrand::open_in(TestPlatform::own().await, &["Main"]).await;
    assert_eq!(code(remove(&brand, brand.owner, brand.owner).await), "staff.last_owner");
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
    // The second comes when the first has decided and not committed: it has to wait for it.
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(brand.owner).await, brand.now());
    let mut second = Box::pin(remove(&brand, other, other));
    let first = brand.tx(&permit, async |tx| {
        dismiss(&permit, tx, brand.owner, now).await?;
        let early = select(&mut second, Box::pin(somebody_waits(&brand))).await;
        assert!(matches!(early, Either::Right(_)), "both have left");
        Ok::<_, Problem>(())
    });
    first.await.unwrap();
    assert_eq!(code(second.await), "staff.last_owner");
    assert_eq!(brand.count("SELECT count(*) FROM rbac.assignments").await, 1);
}

#[tokio::test]
async fn ten_02_a_partner_runs_it_and_a_viewer_sees_and_changes_nothing() {
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
            .town
            .db
            .auth_tx(async |tx| Ok::<_, Problem>(tx.holdings_load(brand.tenant, viewer).await?))
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

#[tokio::test]
async fn a_stranger_holds_nothing_and_loading_leaves_no_tenant_behind() {
    let (brand, other) = (TestBrand::open(&["Main"]).await, TestBrand::open(&["Main"]).await);
    let stranger = UserId::generate(brand.now());
    let loaded = brand.town.db.auth_tx(async |tx| {
        let ours = tx.holdings_load(brand.tenant, brand.owner).await?;
        let nobody = tx.holdings_load(brand.tenant, stranger).await?;
        let theirs = tx.holdings_load(other.tenant, brand.owner).await?;
        // Published without a tenant: refused by row security if one were still set.
        tryzore_kernel::Journal::event_publish(
            tx,
            tryzore_kernel::Published::new("test.loaded", stranger, None, brand.now(), &()),
        );
        Ok::<_, Problem>((ours, nobody, theirs))
    });
    let (ours, nobody, theirs) = loaded.await.unwrap();
    let ours = ours.unwrap();
    assert_eq!((ours.owned, ours.tree.len(), ours.is_client), (brand.at.clone(), 1, false));
    assert_eq!((nobody, theirs), (None, None));
}

#[tokio::test]
async fn rba_03_roles_and_overrides_come_and_go() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let draft = |name: &str, patterns: &[&str]| {
        let patterns = patterns.iter().map(|p| (*p).to_owned()).collect();
        RoleForm { name: name.into(), description: String::new(), scope: RoleScope::Organization, patterns }
            .check()
            .unwrap()
    };
    let make = async |draft| brand.tx(&permit, async |tx| create_role(&permit, tx, draft, now).await).await;
    let guide = make(draft("Guide", &["events.view_all", "clients.view_basic"])).await.unwrap();
    assert_eq!(code(make(draft("GUIDE", &["events.view_all"])).await), "rbac.role.name_taken");
    let user = hire(&brand, "Guide", &brand.at[..1]).await;
    let change = async |version, draft| {
        brand.tx(&permit, async |tx| edit_role(&permit, tx, guide.id, version, draft, now).await).await
    };
    assert_eq!(code(change(1, draft("Trainer", &["events.*"])).await), "rbac.role.name_taken");
    assert_eq!(change(1, draft("Guide", &["events.*"])).await.unwrap().version, 2);
    assert_eq!(code(change(1, draft("Guide", &["events.*"])).await), "request.stale");
    assert!(brand.grants(user).await.held().contains(Slug::CANCEL_EVENT));
    let drop_role =
        async |version| brand.tx(&permit, async |tx| delete_role(&permit, tx, guide.id, version).await).await;
    assert_eq!(code(drop_role(2).await), "rbac.role.in_use");

    let deny = PermissionOverrideForm {
        pattern: "events.cancel".into(),
        effect: Effect::Deny,
        organization: None,
        reason: "probation".into(),
    };
    let deny = deny.check(user, now).unwrap();
    let pattern = deny.pattern.clone();
    for _ in 0..2 {
        let deny = deny.clone();
        brand.tx(&permit, async |tx| set_override(&permit, tx, deny, now).await).await.unwrap();
    }
    let list = brand.tx(&permit, async |tx| Ok::<_, Problem>(tx.override_list(&permit, user).await?));
    let listed = list.await.unwrap().unwrap();
    assert_eq!(
        (listed.len(), listed[0].reason.as_str(), listed[0].effect.as_str()),
        (1, "probation", "deny")
    );
    let why = async || {
        let at = brand.at[0];
        brand.tx(&permit, async |tx| explain(&permit, tx, user, Slug::CANCEL_EVENT, at).await).await.unwrap()
    };
    assert_eq!(why().await.because, Ground::DenyOverride { pattern: "events.cancel".into() });
    let can = brand
        .tx(&permit, async |tx| who_can(&permit, tx, Slug::CANCEL_EVENT, brand.at[0]).await)
        .await
        .unwrap();
    assert_eq!(
        can.iter().map(|who| (who.user, who.name.as_deref())).collect::<Vec<_>>(),
        [(brand.owner, Some("Ada Rossi"))]
    );
    brand.tx(&permit, async |tx| clear_override(&permit, tx, user, pattern, None, now).await).await.unwrap();
    assert!(why().await.allowed);
    remove(&brand, brand.owner, user).await.unwrap();
    drop_role(2).await.unwrap();
    assert_eq!(roles(&brand).await.len(), 6);
}

#[tokio::test]
async fn onb_09_a_role_that_grew_after_the_review_is_not_joined() {
    let brand = TestBrand::open(&["Main"]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let form = |patterns: &[&str]| RoleForm {
        name: "Guide".into(),
        description: String::new(),
        scope: RoleScope::Organization,
        patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
    };
    let draft = form(&["events.view_all"]).check().unwrap();
    let guide: RoleId =
        brand.tx(&permit, async |tx| create_role(&permit, tx, draft, now).await).await.unwrap().id;
    let email: Email = address().parse().unwrap();
    let id = sent(&brand, brand.owner, "Guide", email.as_str(), &brand.at).await;
    let token = link(&brand, id).await.unwrap().token;
    let draft = form(&["events.*"]).check().unwrap();
    brand.tx(&permit, async |tx| edit_role(&permit, tx, guide, 1, draft, now).await).await.unwrap();
    user(&brand, email.as_str(), "active").await;
    assert_eq!(code(join(&brand, &token).await), "staff.accept.role_changed");
}
