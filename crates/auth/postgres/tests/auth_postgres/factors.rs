//! Second factors, recovery codes, challenges and policies as rows.

use crate::identity::{session, user};
use chrono::Duration;
use futures::future::join_all;
use std::collections::BTreeMap;
use tryzore_auth::{
    Factor, FactorMethod, FactorPolicies, FactorPolicy, FactorRules, FactorUse, Factors, LoginChallenge,
    LoginChallenges, RecoveryCodes, SealedSecret, Session, Sessions, TokenHash, User,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{FactorId, OrganizationId, RoleId, StoreError, id::uuid_at};
use tryzore_rbac::{Permit, Slug, StepUp, SystemActor, catalogue::ManageStaff};
use tryzore_testkit::TestTenant;

fn hash(studio: &TestTenant, byte: u8) -> TokenHash {
    // Rows of several tests are in one table.
    let mut bytes = [byte; 32];
    bytes[..16].copy_from_slice(studio.tenant.uuid().as_bytes());
    TokenHash::from(bytes)
}

fn factor(studio: &TestTenant, user: &User, name: &str) -> Factor {
    let secret = SealedSecret { with: "key".into(), bytes: vec![1, 2, 3] };
    Factor::totp(FactorId::generate(studio.now()), user.id, name.into(), secret, studio.now())
}

fn policy_permit(studio: &TestTenant) -> Permit<ManageStaff> {
    Permit::system(studio.tenant, SystemActor::SignIn)
}

#[tokio::test]
async fn a_factor_is_stored_with_its_last_step_and_replaces_what_was_never_confirmed() {
    let studio = TestTenant::open().await;
    let (ada, eve) = (user(&studio, "ada").await, user(&studio, "eve").await);
    let [first, second, third] = ["a", "b", "c"].map(|name| {
        studio.clock.pass(Duration::seconds(1));
        factor(&studio, &ada, name)
    });
    let of_eve = factor(&studio, &eve, "e");
    let now = studio.now();
    let work = studio.db.auth_tx(async |tx| {
        let mut auth = tx.auth();
        auth.factor_insert(&of_eve).await?;
        auth.factor_insert(&first).await?;
        let confirmed = Factor {
            confirmed_at: Some(now),
            last_used_at: Some(now),
            last_step: Some(59_000_000),
            secret: SealedSecret { with: "next".into(), bytes: vec![9] },
            ..first.clone()
        };
        auth.factor_update(&confirmed).await?;
        auth.factor_insert(&second).await?;
        assert_eq!(auth.factor_list(ada.id).await?, [confirmed.clone(), second.clone()]);
        auth.factor_insert(&third).await?;
        assert_eq!(auth.factor_list(ada.id).await?, [confirmed, third.clone()]);
        auth.factor_delete(first.id).await?;
        assert_eq!(auth.factor_list(ada.id).await?, [third]);
        assert_eq!(auth.factor_list(eve.id).await?, [of_eve], "someone else's stays");
        Ok::<_, StoreError>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_is_used_by_one_of_many_at_once() {
    let studio = TestTenant::open().await;
    let (ada, now) = (user(&studio, "ada").await, studio.now());
    let codes = [hash(&studio, 1), hash(&studio, 2)];
    let replace = async |codes: &[TokenHash]| {
        studio.db.auth_tx(async |tx| tx.auth().recovery_codes_replace(ada.id, codes, now).await).await
    };
    let left =
        async || studio.db.auth_tx(async |tx| tx.auth().recovery_codes_left(ada.id).await).await.unwrap();
    let code_used = async |code: &TokenHash| {
        studio.db.auth_tx(async |tx| tx.auth().recovery_code_use(ada.id, code, now).await).await.unwrap()
    };
    replace(&codes).await.unwrap();
    let used = join_all((0..8).map(|_| code_used(&codes[0]))).await;
    assert_eq!((used.iter().filter(|used| **used).count(), left().await), (1, 1));
    assert!(!code_used(&hash(&studio, 3)).await);
    replace(&[hash(&studio, 3)]).await.unwrap();
    assert!(!code_used(&codes[1]).await, "replaced");
    assert!(code_used(&hash(&studio, 3)).await);
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn a_challenge_and_the_factor_of_a_session_are_read_as_they_were_stored() {
    let studio = TestTenant::open().await;
    let (ada, now) = (user(&studio, "ada").await, studio.now());
    let here = session(&studio, ada.id);
    let challenge = LoginChallenge {
        hash: hash(&studio, 1),
        user: ada.id,
        origin: here.origin.clone(),
        tenant: Some(studio.tenant),
        organization: Some(studio.main),
        provider_session: Some("session_01".into()),
        issued_at: now,
        expires_at: now + Duration::minutes(5),
        guesses: 0,
        answered_at: None,
    };
    let work = studio.db.auth_tx(async |tx| {
        let mut auth = tx.auth();
        auth.challenge_insert(&challenge).await?;
        assert_eq!(auth.challenge_find(&challenge.hash).await?, Some(challenge.clone()));
        let guessed = LoginChallenge { guesses: 5, answered_at: Some(now), ..challenge.clone() };
        auth.challenge_update(&guessed).await?;
        assert_eq!(auth.challenge_find(&challenge.hash).await?, Some(guessed));
        assert_eq!(auth.challenge_find(&hash(&studio, 2)).await?, None);

        auth.session_insert(&here).await?;
        for method in [FactorMethod::Totp, FactorMethod::RecoveryCode] {
            let used = Session { factor: Some(FactorUse { at: now, method }), ..here.clone() };
            auth.session_update(&used).await?;
            assert_eq!(auth.session_find(here.id).await?, Some(used));
        }
        Ok::<_, StoreError>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn a_policy_is_of_one_tenant_and_read_with_what_it_asks_about_the_user() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let (ada, now) = (user(&studio, "ada").await, studio.now());
    let rules = async |of: &TestTenant| {
        let found = studio.db.auth_tx(async |tx| {
            let found = tx.auth().factor_rules_find(of.tenant, ada.id).await?;
            // The transaction is in no tenant again.
            assert_eq!(
                tx.auth().factor_list(ada.id).await?.len(),
                usize::from(found.as_ref().is_some_and(|it| it.1.has_factor))
            );
            Ok::<_, StoreError>(found)
        });
        found.await.unwrap()
    };
    assert_eq!(rules(&studio).await, None);
    let role = RoleId::from(uuid_at(now));
    let policy = FactorPolicy {
        everyone_since: Some(now),
        roles: BTreeMap::from([(role, now)]),
        grace_days: 90,
        step_up: StepUp::new(BTreeMap::from([(Slug::CANCEL_EVENT, 1440)])),
        version: 1,
        updated_at: Some(now),
    };
    let permit = policy_permit(&studio);
    let work = studio.db.tenant_tx(&permit, async |tx| {
        let mut auth = tx.auth();
        assert_eq!(auth.factor_policy_find().await?, FactorPolicy::default());
        assert_eq!(auth.factor_policy_lock().await?, FactorPolicy::default());
        auth.factor_policy_save(&policy).await?;
        assert_eq!(auth.factor_policy_lock().await?, policy);
        assert_eq!(auth.factor_policy_locations().await?, [studio.main] as [OrganizationId; 1]);
        Ok::<_, StoreError>(())
    });
    work.await.unwrap();
    let of_other = policy_permit(&other);
    let found = other.db.tenant_tx(&of_other, async |tx| tx.auth().factor_policy_find().await).await.unwrap();
    assert_eq!(found, FactorPolicy::default(), "another tenant's is not seen");

    let tenant = studio.tenant.uuid();
    studio
        .sql
        .execute(
            "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
             VALUES ($1, $2, 'Trainer', 'organization', true, now(), now())",
            &[&tenant, &role.uuid()],
        )
        .await
        .unwrap();
    studio
        .sql
        .execute(
            "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
             VALUES ($1, $2, $3, $4, true, $5)",
            &[&tenant, &ada.id.uuid(), &studio.main.uuid(), &role.uuid(), &(now - Duration::days(1))],
        )
        .await
        .unwrap();
    let (found, subject) = rules(&studio).await.unwrap();
    assert_eq!(found, policy);
    assert_eq!((subject.has_factor, subject.joined_at), (false, Some(now - Duration::days(1))));
    assert_eq!(subject.roles, [(role, now - Duration::days(1))]);
    studio
        .sql
        .execute(
            "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
             VALUES ($1, $2, 'Ada', $2::uuid || '@example.com', $3)",
            &[&tenant, &ada.id.uuid(), &(now - Duration::days(9))],
        )
        .await
        .unwrap();
    let confirmed = Factor { confirmed_at: Some(now), last_step: Some(1), ..factor(&studio, &ada, "a") };
    studio.db.auth_tx(async |tx| tx.auth().factor_insert(&confirmed).await).await.unwrap();
    let (_, subject) = rules(&studio).await.unwrap();
    assert_eq!((subject.has_factor, subject.joined_at), (true, Some(now - Duration::days(9))));
    let known = async |studio: &TestTenant| {
        let permit = policy_permit(studio);
        studio.db.tenant_tx(&permit, async |tx| tx.auth().factor_policy_roles(&[role]).await).await.unwrap()
    };
    assert_eq!((known(&studio).await, known(&other).await), (vec![role], Vec::new()));
}
