//! What people hold, and how roles and overrides change it (ONB-09, RBA-03).

use super::{hire, join, link, remove, roles, sent, user};
use crate::tenancy_brand::{TestBrand, address, code};
use chrono::Duration;
use tryzore_kernel::{Email, Problem, RoleId, UserId};
use tryzore_rbac::{
    Effect, Permit, Slug,
    catalogue::{ManageRoles, ManageStaff},
    explain::Ground,
    manage::{
        PermissionOverrideForm, RoleForm, RoleScope, clear_override, create_role, delete_role, edit_role,
        explain, set_override, who_can,
    },
};
use tryzore_rbac_postgres::{Rbac, holdings::HeldIn};
use tryzore_tenancy::staff::{AssignmentForm, assign};
use tryzore_tenancy_postgres::Tenancy;

#[tokio::test]
async fn a_stranger_holds_nothing_and_loading_does_not_leave_the_tenant_set() {
    let (brand, other) = (TestBrand::open(&["Main"]).await, TestBrand::open(&["Main"]).await);
    let stranger = UserId::generate(brand.now());
    let loaded = brand.env.db.auth_tx(async |tx| {
        let ours = tx.rbac().holdings_load(brand.tenant, brand.owner).await?;
        let nobody = tx.rbac().holdings_load(brand.tenant, stranger).await?;
        let theirs = tx.rbac().holdings_load(other.tenant, brand.owner).await?;
        let both = tx.rbac().holdings_in(vec![other.tenant, brand.tenant], brand.owner).await?;
        // The event is published without a tenant: row security would refuse it if the tenant were still
        // set.
        tryzore_kernel::Journal::event_publish(
            tx,
            tryzore_kernel::Published::new("test.loaded", stranger, None, brand.now(), &()),
        );
        Ok::<_, Problem>((ours, nobody, theirs, both))
    });
    let (ours, nobody, theirs, both) = loaded.await.unwrap();
    let ours = ours.unwrap();
    assert_eq!(both, [HeldIn { tenant: brand.tenant, is_open: true, holdings: ours.clone() }]);
    assert_eq!((ours.owned, ours.tree.len(), ours.is_client), (brand.at.clone(), 1, false));
    assert_eq!((nobody, theirs), (None, None));
}

#[tokio::test]
async fn rba_03_roles_and_overrides_can_be_created_changed_and_deleted() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let draft = |name: &str, patterns: &[&str]| {
        let patterns = patterns.iter().map(|p| (*p).to_owned()).collect();
        RoleForm { name: name.into(), description: String::new(), scope: RoleScope::Organization, patterns }
            .check()
            .unwrap()
    };
    let make = async |draft| {
        brand.tx(&permit, async |tx| create_role(&permit, &mut tx.tenancy(), draft, now).await).await
    };
    let guide = make(draft("Guide", &["events.view_all", "clients.view_basic"])).await.unwrap();
    assert_eq!(code(make(draft("GUIDE", &["events.view_all"])).await), "rbac.role.name_taken");
    let user = hire(&brand, "Guide", &brand.at[..1]).await;
    let change = async |version, draft| {
        brand
            .tx(&permit, async |tx| {
                edit_role(&permit, &mut tx.tenancy(), guide.id, version, draft, now).await
            })
            .await
    };
    assert_eq!(code(change(1, draft("Trainer", &["events.*"])).await), "rbac.role.name_taken");
    assert_eq!(change(1, draft("Guide", &["events.*"])).await.unwrap().version, 2);
    assert_eq!(code(change(1, draft("Guide", &["events.*"])).await), "request.stale");
    assert!(brand.grants(user).await.held().contains(Slug::CANCEL_EVENT));
    let drop_role = async |version| {
        brand.tx(&permit, async |tx| delete_role(&permit, &mut tx.tenancy(), guide.id, version).await).await
    };
    assert_eq!(code(drop_role(2).await), "rbac.role.in_use");

    let deny = PermissionOverrideForm {
        pattern: "events.cancel".into(),
        effect: Effect::Deny,
        organization: None,
        reason: "probation".into(),
        expires_at: None,
    };
    let deny = deny.check(user, now).unwrap();
    let pattern = deny.pattern.clone();
    for _ in 0..2 {
        let deny = deny.clone();
        brand.tx(&permit, async |tx| set_override(&permit, &mut tx.rbac(), deny, now).await).await.unwrap();
    }
    let list = brand.tx(&permit, async |tx| Ok::<_, Problem>(tx.rbac().override_list(&permit, user).await?));
    let listed = list.await.unwrap().unwrap();
    assert_eq!(
        (listed.len(), listed[0].reason.as_str(), listed[0].effect.as_str()),
        (1, "probation", "deny")
    );
    let why = async || {
        let at = brand.at[0];
        brand
            .tx(&permit, async |tx| explain(&permit, &mut tx.tenancy(), user, Slug::CANCEL_EVENT, at).await)
            .await
            .unwrap()
    };
    assert_eq!(why().await.because, Ground::DenyOverride { pattern: "events.cancel".into(), until: None });
    let read = brand.env.db.auth_tx(async |tx| {
        let alone = tx.rbac().holdings_load(brand.tenant, user).await?.unwrap();
        Ok::<_, Problem>((alone, tx.rbac().holdings_in(vec![brand.tenant], user).await?))
    });
    let (alone, among) = read.await.unwrap();
    assert_eq!((alone.assignments.len(), alone.overrides.len(), alone.tree.len()), (1, 1, 2));
    assert_eq!(among, [HeldIn { tenant: brand.tenant, is_open: true, holdings: alone }]);
    let can = brand
        .tx(&permit, async |tx| who_can(&permit, &mut tx.tenancy(), Slug::CANCEL_EVENT, brand.at[0]).await)
        .await
        .unwrap();
    assert_eq!(
        can.iter().map(|who| (who.user, who.name.as_deref())).collect::<Vec<_>>(),
        [(brand.owner, Some("Ada Rossi"))]
    );
    brand
        .tx(&permit, async |tx| clear_override(&permit, &mut tx.rbac(), user, pattern, None, now).await)
        .await
        .unwrap();
    assert!(why().await.allowed);
    remove(&brand, brand.owner, user).await.unwrap();
    drop_role(2).await.unwrap();
    assert_eq!(roles(&brand).await.len(), 6);
}

#[tokio::test]
async fn onb_09_a_role_that_grew_after_the_review_cannot_be_accepted() {
    let brand = TestBrand::open(&["Main"]).await;
    let (permit, now): (Permit<ManageRoles>, _) = (brand.permit(brand.owner).await, brand.now());
    let form = |patterns: &[&str]| RoleForm {
        name: "Guide".into(),
        description: String::new(),
        scope: RoleScope::Organization,
        patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
    };
    let draft = form(&["events.view_all"]).check().unwrap();
    let guide: RoleId = brand
        .tx(&permit, async |tx| create_role(&permit, &mut tx.tenancy(), draft, now).await)
        .await
        .unwrap()
        .id;
    let email: Email = address().parse().unwrap();
    let id = sent(&brand, brand.owner, "Guide", email.as_str(), &brand.at).await;
    let token = link(&brand, id).await.unwrap().token;
    let draft = form(&["events.*"]).check().unwrap();
    brand
        .tx(&permit, async |tx| edit_role(&permit, &mut tx.tenancy(), guide, 1, draft, now).await)
        .await
        .unwrap();
    user(&brand, email.as_str(), "active").await;
    assert_eq!(code(join(&brand, &token).await), "staff.accept.role_changed");
}

#[tokio::test]
async fn rba_03_what_has_ended_is_listed_and_explained_and_decides_nothing() {
    let brand = TestBrand::open(&["Main"]).await;
    let user = hire(&brand, "trainer", &brand.at).await;
    let (end, tick, at) = (brand.now() + Duration::hours(1), Duration::microseconds(1), brand.at[0]);
    let trainer = super::role(&brand, "trainer").await.id;
    let form = AssignmentForm { organization: at, role: trainer, is_primary: false, expires_at: Some(end) };
    let (staff, roles): (Permit<ManageStaff>, Permit<ManageRoles>) =
        (brand.permit(brand.owner).await, brand.permit(brand.owner).await);
    let now = brand.now();
    brand.tx(&staff, async |tx| assign(&staff, &mut tx.tenancy(), user, form, now).await).await.unwrap();
    let allow = PermissionOverrideForm {
        pattern: "clients.create".into(),
        effect: Effect::Allow,
        organization: Some(at),
        reason: "Holiday cover".into(),
        expires_at: Some(end),
    };
    let allow = allow.check(user, now).unwrap();
    brand.tx(&roles, async |tx| set_override(&roles, &mut tx.rbac(), allow, now).await).await.unwrap();

    let listed = async || {
        let lists = brand.tx(&roles, async |tx| {
            let overrides = tx.rbac().override_list(&roles, user).await?.unwrap();
            Ok::<_, Problem>((tx.tenancy().staff_view(&staff, user).await?.unwrap(), overrides))
        });
        let (view, overrides) = lists.await.unwrap();
        assert_eq!((view.assignments[0].expires_at, overrides[0].expires_at), (Some(end), Some(end)));
        (view.assignments[0].is_expired, overrides[0].is_expired)
    };
    let why = async |slug| {
        let why = brand.tx(&roles, async |tx| explain(&roles, &mut tx.tenancy(), user, slug, at).await);
        why.await.unwrap()
    };
    brand.env.clock.set(end - tick);
    assert_eq!(listed().await, (false, false));
    let Ground::AllowOverride { until, .. } = why(Slug::CREATE_CLIENT).await.because else { panic!() };
    assert_eq!(until, Some(end));
    assert!(brand.grants(user).await.held().contains(Slug::CREATE_CLIENT));
    brand.env.clock.set(end);
    assert_eq!(listed().await, (true, true), "kept, and shown as what they are");
    let explained = why(Slug::CREATE_CLIENT).await;
    assert_eq!((explained.allowed, explained.ended.len()), (false, 1));
    let view = why(Slug::VIEW_OWN_EVENTS).await;
    assert!(matches!(&view.ended[..], [Ground::Role { until, .. }] if *until == Some(end)), "{view:?}");
    assert_eq!(brand.grants(user).await.held(), tryzore_rbac::Holdings::default().own());
    let can =
        brand.tx(&roles, async |tx| who_can(&roles, &mut tx.tenancy(), Slug::VIEW_OWN_EVENTS, at).await);
    assert!(can.await.unwrap().iter().all(|who| who.user != user));
}
