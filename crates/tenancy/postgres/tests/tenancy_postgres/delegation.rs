//! Nobody can get permissions by a detour: by an invitation, by moving a location, by a key, or by
//! repeating a request (RBA-03, TEN-03, TEN-06, AUT-06).

use crate::{
    tenancy_brand::{TestBrand, address, bits, code, location},
    tenancy_staff::{ask, form, join, link, remove, sent, somebody_waits, user},
};
use chrono::Duration;
use futures::future::{Either, select};
use tryzore_auth::{ApiKey, ApiKeys, TokenHash};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{ApiKeyId, AuditEntry, Journal, Limit, OrganizationId, Problem, SessionId, UserId};
use tryzore_postgres::{Answer, OnceKey, TenantTx};
use tryzore_rbac::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Permit, Scope,
    catalogue::{ManageRoles, ManageStaff},
    manage::{Role, RoleDraft, RoleForm, RoleScope, create_role, delete_role, edit_role},
};
use tryzore_tenancy::{
    Organization, OrganizationForm, UseCaseError, close_organization, create_organization, edit_organization,
    permission::{CreateOrganization, DeleteOrganization, EditOrganization},
    staff::{invite, revoke},
};
use tryzore_tenancy_postgres::Tenancy;

fn draft(name: &str, scope: RoleScope, patterns: &[&str]) -> RoleDraft {
    let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    RoleForm { name: name.into(), description: String::new(), scope, patterns }.check().unwrap()
}

async fn make(brand: &TestBrand, by: UserId, draft: RoleDraft) -> Role {
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(by).await, brand.now());
    brand.tx(&permit, async |tx| create_role(&permit, &mut tx.tenancy(), draft, now).await).await.unwrap()
}

async fn edit(brand: &TestBrand, by: UserId, role: &Role, draft: RoleDraft) -> Result<Role, Problem> {
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(by).await, brand.now());
    brand
        .tx(&permit, async |tx| {
            edit_role(&permit, &mut tx.tenancy(), role.id, role.version, draft, now).await
        })
        .await
}

/// Adds an employee who has the role `name`, a preset or a role of the tenant's own, at each of `at`.
async fn hire(brand: &TestBrand, name: &str, at: &[OrganizationId]) -> UserId {
    let user = UserId::generate(brand.now());
    let (tenant, id) = (brand.tenant.uuid(), user.uuid());
    let insert = "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
                  VALUES ($1, $2, 'Grace', $3, now())";
    brand.sql.execute(insert, &[&tenant, &id, &address()]).await.unwrap();
    for (nth, at) in at.iter().enumerate() {
        assign_role(brand, user, name, *at, nth == 0).await;
    }
    user
}

async fn assign_role(brand: &TestBrand, user: UserId, name: &str, at: OrganizationId, is_primary: bool) {
    let insert =
        "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                  SELECT $1, $2, $3, id, $5, now() FROM rbac.roles WHERE coalesce(preset, name) = $4";
    let (tenant, user, at) = (brand.tenant.uuid(), user.uuid(), at.uuid());
    assert_eq!(brand.sql.execute(insert, &[&tenant, &user, &at, &name, &is_primary]).await.unwrap(), 1);
}

async fn below(brand: &TestBrand, name: &str, parent: OrganizationId) -> Organization {
    let (permit, now): (Permit<CreateOrganization>, _) = (brand.permit(brand.owner).await, brand.now());
    let draft = OrganizationForm { parent: Some(parent), ..location(name) }.check().unwrap();
    brand
        .tx(&permit, async |tx| create_organization(&permit, &mut tx.tenancy(), draft, now).await)
        .await
        .unwrap()
}

async fn close(brand: &TestBrand, at: OrganizationId, version: i32) {
    let (permit, now): (Permit<DeleteOrganization>, _) = (brand.permit(brand.owner).await, brand.now());
    let closed = brand
        .tx(&permit, async |tx| close_organization(&permit, &mut tx.tenancy(), at, version, now).await)
        .await;
    assert_eq!(closed.unwrap().status.as_str(), "closed");
}

async fn take_back(brand: &TestBrand, by: UserId, id: tryzore_kernel::InvitationId) -> Result<(), Problem> {
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(by).await, brand.now());
    brand.tx(&permit, async |tx| revoke(&permit, &mut tx.tenancy(), id, now).await.map(drop)).await
}

#[tokio::test]
async fn rba_03_a_role_cannot_be_offered_first_and_widened_afterwards() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let main = brand.at[0];
    below(&brand, "Annex", main).await;
    let boss = hire(&brand, "location_owner", &[main]).await;
    let role = make(&brand, boss, draft("Second", RoleScope::Organization, &["*"])).await;
    let email = address();
    let id = sent(&brand, boss, "Second", &email, &[main]).await;
    let wide = || draft("Second", RoleScope::Subtree, &["*"]);
    assert_eq!(code(edit(&brand, boss, &role, wide()).await), "rbac.role.used_elsewhere");
    edit(&brand, brand.owner, &role, wide()).await.unwrap();
    let token = link(&brand, id).await.unwrap().token;
    user(&brand, &email, "active").await;
    assert_eq!(
        code(join(&brand, &token).await),
        "staff.accept.role_changed",
        "the scope is larger than reviewed"
    );
}

#[tokio::test]
async fn rba_03_a_role_is_not_widened_while_it_is_being_offered() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let main = brand.at[0];
    below(&brand, "Annex", main).await;
    let boss = hire(&brand, "location_owner", &[main]).await;
    let role = make(&brand, boss, draft("Second", RoleScope::Organization, &["*"])).await;
    let offer = form(&brand, "Second", &address(), &[main]).await.check().unwrap();
    let (permit, now): (Permit<ManageStaff>, _) = (brand.permit(boss).await, brand.now());
    let mut widened = Box::pin(edit(&brand, boss, &role, draft("Second", RoleScope::Subtree, &["*"])));
    let given = brand.tx(&permit, async |tx| {
        invite(&permit, &mut tx.tenancy(), offer, now).await?;
        let early = select(&mut widened, Box::pin(somebody_waits(&brand))).await;
        assert!(matches!(early, Either::Right(_)), "it was changed between the check and the commit");
        Ok::<_, UseCaseError>(())
    });
    given.await.unwrap();
    assert_eq!(code(widened.await), "rbac.role.used_elsewhere");
}

#[tokio::test]
async fn ten_03_a_move_grants_and_takes_only_permissions_that_the_mover_holds() {
    let brand = TestBrand::open(&["North", "South"]).await;
    let [north, south] = [brand.at[0], brand.at[1]];
    let annex = below(&brand, "Annex", north).await;
    make(&brand, brand.owner, draft("Mover", RoleScope::Subtree, &["organizations.edit_org"])).await;
    let mover = hire(&brand, "Mover", &[north, south]).await;
    let go = async |by: UserId, version: i32, parent: OrganizationId| {
        let (permit, now): (Permit<EditOrganization>, _) = (brand.permit(by).await, brand.now());
        let draft = OrganizationForm { parent: Some(parent), ..location("Annex") }.check().unwrap();
        let work = async |tx: &mut TenantTx| {
            edit_organization(&permit, &mut tx.tenancy(), annex.id, version, draft, now).await
        };
        brand.tx(&permit, work).await.map(|moved| moved.version)
    };
    // South's manager would gain permissions at the annex that the mover does not hold.
    let manager = hire(&brand, "regional_manager", &[south]).await;
    let refused = go(mover, 1, south).await.unwrap_err();
    assert_eq!((refused.status, &*refused.code), (403, "organizations.move.exceeds_own"));
    let because = refused.denial.unwrap().because;
    assert!(because[0].value.as_array().unwrap().contains(&"events.create".into()), "{because:?}");
    assert_eq!(because[1].value, serde_json::json!(["Regional Manager"]));
    assert_eq!(go(brand.owner, 1, south).await.unwrap(), 2, "the owner holds all of it");
    assert!(brand.grants(manager).await.visible().covers(annex.id));
    assert_eq!(
        code(go(mover, 2, north).await),
        "organizations.move.exceeds_own",
        "the mover cannot take them away either"
    );
    remove(&brand, brand.owner, manager).await.unwrap();
    assert_eq!(go(mover, 2, north).await.unwrap(), 3, "only what the mover holds changes");
    let offer = sent(&brand, brand.owner, "regional_manager", &address(), &[south]).await;
    assert_eq!(
        code(go(mover, 3, south).await),
        "organizations.move.exceeds_own",
        "an offered role counts as an assigned role"
    );
    take_back(&brand, brand.owner, offer).await.unwrap();
    assert_eq!(go(mover, 3, south).await.unwrap(), 4);
}

#[tokio::test]
async fn onb_09_closing_a_location_revokes_its_invitations() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let [main, downtown] = [brand.at[0], brand.at[1]];
    let role = make(&brand, brand.owner, draft("Guide", RoleScope::Organization, &["events.view_all"])).await;
    let (only, both) = (address(), address());
    let ended = sent(&brand, brand.owner, "Guide", &only, &[downtown]).await;
    let remaining = sent(&brand, brand.owner, "trainer", &both, &[downtown, main]).await;
    close(&brand, downtown, 1).await;
    let revocations = "SELECT count(*) FROM runtime.outbox WHERE kind = 'tenancy.invitation_revoked'";
    assert_eq!(brand.count(revocations).await, 1);
    assert_eq!(code(take_back(&brand, brand.owner, ended).await), "staff.invitation.revoked");
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let gone = brand.tx(&permit, async |tx| delete_role(&permit, &mut tx.tenancy(), role.id, 1).await).await;
    assert_eq!(gone, Ok(()), "no invitation offers the role any more");
    sent(&brand, brand.owner, "trainer", &only, &[main]).await;
    let token = link(&brand, remaining).await.unwrap().token;
    user(&brand, &both, "active").await;
    assert_eq!(
        join(&brand, &token).await.unwrap().home,
        Some(main),
        "the remaining location of the invitation"
    );
    // An invitation that was sent while the location closed is visible to everyone who manages staff
    // anywhere, and they can revoke it.
    let late = sent(&brand, brand.owner, "trainer", &address(), &[main]).await;
    let moved = "UPDATE tenancy.invitations SET organization_ids = ARRAY[$2::uuid] WHERE id = $1";
    brand.sql.execute(moved, &[&late.uuid(), &downtown.uuid()]).await.unwrap();
    let clerk =
        make(&brand, brand.owner, draft("Clerk", RoleScope::Organization, &["settings.manage_staff"])).await;
    let clerk = hire(&brand, &clerk.name, &[main]).await;
    let permit: Permit<ManageStaff> = brand.permit(clerk).await;
    let limit = Limit::try_new(50).unwrap();
    let list = async |tx: &mut TenantTx| tx.tenancy().invitation_list(&permit, limit, None, now).await;
    let listed = brand.tx(&permit, list).await.unwrap().data;
    assert!(listed.iter().any(|view| view.id == late) && listed.iter().all(|view| view.id != ended));
    assert_eq!(take_back(&brand, clerk, late).await, Ok(()));
    let taken = ask(&brand, brand.owner, form(&brand, "trainer", &address(), &[downtown]).await).await;
    assert_eq!(code(taken), "not_found", "nobody can be invited to a closed location");
}

#[tokio::test]
async fn aut_06_the_keys_of_a_dismissed_employee_are_revoked() {
    let brand = TestBrand::open(&["Main"]).await;
    let now = brand.now();
    let (gone, stays) =
        (hire(&brand, "location_owner", &brand.at).await, hire(&brand, "admin", &brand.at).await);
    let key = |issued_by: UserId| ApiKey {
        id: ApiKeyId::generate(now),
        tenant: brand.tenant,
        organization: brand.at[0],
        name: "Door".into(),
        prefix: issued_by.uuid().simple().to_string()[20..].to_owned(),
        hash: TokenHash::from(bits()),
        patterns: vec!["events.*".parse().unwrap()],
        issued_by,
        created_at: now,
        expires_at: now + Duration::days(1),
        last_used_at: None,
        revoked_at: None,
        former: None,
        requests_per_minute: None,
    };
    let keys = [key(gone), key(stays)];
    let permit: Permit<ManageRoles> = brand.system();
    let insert = async |tx: &mut TenantTx| {
        for key in &keys {
            tx.auth().api_key_insert(key).await?;
        }
        Ok::<_, Problem>(())
    };
    brand.tx(&permit, insert).await.unwrap();
    remove(&brand, brand.owner, gone).await.unwrap();
    let find = async |tx: &mut TenantTx| {
        let mut revoked = Vec::new();
        for key in &keys {
            let found = tx.auth().api_key_find(&key.prefix).await?.unwrap();
            assert!(!found.is_issuer_closed);
            revoked.push(found.key.revoked_at);
        }
        Ok::<_, Problem>(revoked)
    };
    assert_eq!(brand.tx(&permit, find).await.unwrap(), [Some(now), None]);
    let closed =
        "INSERT INTO identity.users (id, email, name, status, deactivated_at, created_at, updated_at)
                  VALUES ($1, $2, 'Grace', 'deactivated', now(), now(), now())";
    brand.sql.execute(closed, &[&stays.uuid(), &address()]).await.unwrap();
    let find =
        async |tx: &mut TenantTx| Ok::<_, Problem>(tx.auth().api_key_find(&keys[1].prefix).await?.unwrap());
    assert!(brand.tx(&permit, find).await.unwrap().is_issuer_closed);
}

#[tokio::test]
async fn an_answer_is_replayed_only_for_a_caller_who_still_has_the_permission() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let (main, downtown, user) = (brand.at[0], brand.at[1], UserId::generate(brand.now()));
    let at = |locations: &[OrganizationId]| -> Permit<ManageStaff> {
        let holdings = Holdings {
            tree: locations.iter().map(|at| OrganizationNode { organization: *at, parent: None }).collect(),
            assignments: locations
                .iter()
                .map(|at| Assignment {
                    role: tryzore_kernel::RoleId::generate(brand.now()),
                    name: "Clerk".into(),
                    patterns: vec!["settings.manage_staff".parse().unwrap()],
                    scope: Scope::Organization(*at),
                    expires_at: None,
                })
                .collect(),
            ..Holdings::default()
        };
        let actor = Actor::User { user, session: SessionId::generate(brand.now()) };
        Grants::compile(actor, brand.tenant, None, &holdings).permit().unwrap()
    };
    let key = OnceKey { key: "once".into(), fingerprint: vec![1] };
    let refused = UseCaseError::NotFound("invitation");
    let ask = async |permit: &Permit<ManageStaff>, answer: Result<u8, Problem>| {
        let work = async |tx: &mut TenantTx| {
            tx.audit_append(AuditEntry {
                action: "test.done",
                target: user.uuid(),
                subject: None,
                organizations: vec![main],
                details: serde_json::json!({}),
            });
            answer
        };
        match brand.env.db.tenant_tx_once(permit, &key, 200, work).await {
            Ok(Answer::Fresh(_)) => "fresh".to_owned(),
            Ok(Answer::Replayed { body, .. }) => format!("again {body}"),
            Err(problem) => problem.status.to_string(),
        }
    };
    let not_found = || Err(Problem::from(refused.clone()));
    let (here, moved, more) = (at(&[main]), at(&[downtown]), at(&[main, downtown]));
    assert_eq!(ask(&here, Ok(7)).await, "fresh");
    assert_eq!(
        ask(&here, not_found()).await,
        "again 7",
        "the stored answer is replayed instead of the error"
    );
    assert_eq!(ask(&more, not_found()).await, "again 7");
    assert_eq!(ask(&moved, not_found()).await, "404", "the caller lost the permission");
    assert_eq!(ask(&moved, Err(Problem::stale())).await, "again 7", "the permission was checked before");
    assert_eq!(
        ask(&moved, Ok(8)).await,
        "again 7",
        "the permission was checked here too, before the key was found"
    );
}
