//! The ports of users, sessions, tokens and keys on real Postgres: locks, privileges, isolation.

use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use tryzore_auth::{
    ApiKeys, Credentials, Device, LoginAttempts, Memberships, OneTimeTokens, PasswordHash, RefreshToken,
    RefreshTokens, Revocation, RevocationReason, Secrets, Session, Sessions, SigningKeys, Successors,
    ThrottleKey, TokenHash, User, UserStatus, Users,
    follow_provider::{ProviderNews, follow_provider},
    issue_link::issue_link,
    one_time_token::{OneTimeToken, Purpose},
    ports::{SigningKey, SigningKeyState},
    refresh::refresh,
    session::Origin,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, SessionId, StoreError, StoreResult, TenantId, UserId, uuid_at};
use tryzore_postgres::Db;
use tryzore_testkit::{Database, Service, TestTenant};

struct Bits;

impl Secrets for Bits {
    fn secret_generate(&self) -> StoreResult<[u8; 32]> {
        let [one, two] = [(); 2].map(|()| uuid_at(DateTime::UNIX_EPOCH).into_bytes());
        Ok(<[u8; 32]>::try_from([one, two].concat()).unwrap())
    }
}

impl Successors for Bits {
    fn successor_derive(&self, presented: &SecretString) -> [u8; 32] {
        *TokenHash::of(&secret(&format!("next {}", presented.expose_secret()))).as_bytes()
    }

    fn successor_derive_former(&self, _: &SecretString) -> Vec<[u8; 32]> {
        Vec::new()
    }
}

fn email(studio: &TestTenant, name: &str) -> Email {
    format!("{name}.{}@example.com", studio.tenant.uuid().simple()).parse().unwrap()
}

pub(crate) async fn user(studio: &TestTenant, name: &str) -> User {
    let new = User::new(email(studio, name), "Ada".into(), None, studio.now());
    let user = User { status: UserStatus::Active, email_verified_at: Some(studio.now()), ..new };
    assert!(studio.db.auth_tx(async |tx| tx.auth().user_insert(&user).await).await.unwrap());
    user
}

pub(crate) fn session(studio: &TestTenant, user: UserId) -> Session {
    let now = studio.now();
    Session {
        id: SessionId::generate(now),
        user,
        tenant: studio.tenant,
        organization: Some(studio.main),
        origin: Origin {
            ip: Some([192, 0, 2, 7].into()),
            device: Device::new(Some("phone".into()), None, None),
        },
        provider_session: None,
        created_at: now,
        last_active: now,
        expires_at: now + Duration::days(30),
        revoked: None,
        factor: None,
        acting: None,
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// A live session of a client of the test tenant, and the text of its refresh token.
async fn signed_in(studio: &TestTenant, user: &User) -> (Session, SecretString) {
    let text = secret(&format!("tzr_{}", uuid_at(studio.now())));
    let session = session(studio, user.id);
    let token = RefreshToken::first(&session, TokenHash::of(&text), studio.now());
    let stored = studio.db.auth_tx(async |tx| {
        tx.auth().session_insert(&session).await?;
        tx.auth().refresh_token_insert(&token).await
    });
    stored.await.unwrap();
    (session, text)
}

async fn join(studio: &TestTenant, user: UserId) {
    for statement in [
        "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email, status,
             joined_on, created_at, updated_at)
         VALUES ($1, $2, $2, $3, 'Ada', 'Rossi', $2::uuid || '@example.com', 'active', '2026-01-01', now(), now())",
        "INSERT INTO tenancy.memberships (tenant_id, user_id, home_organization_id, since) VALUES ($1, $2, $3, now())",
    ] {
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&studio.tenant.uuid(), &user.uuid(), &studio.main.uuid()];
        studio.sql.execute(statement, &values).await.unwrap();
    }
}

#[tokio::test]
async fn ten_05_an_address_is_one_user() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let (twin, now) = (User::new(ada.email.clone(), "Eve".into(), None, studio.now()), studio.now());
    let found = studio.db.auth_tx(async |tx| {
        assert!(!tx.auth().user_insert(&twin).await?, "taken");
        let changed =
            User { workos_user_id: Some(format!("user_{}", ada.id)), ..ada.clone() }.deactivate(now);
        tx.auth().user_update(&changed).await?;
        let subject = changed.workos_user_id.clone().unwrap();
        for found in [
            tx.auth().user_find(ada.id).await?,
            tx.auth().user_lock(ada.id).await?,
            tx.auth().user_find_by_email(&ada.email).await?,
            tx.auth().user_lock_by_email(&ada.email).await?,
            tx.auth().user_lock_by_subject(&subject).await?,
        ] {
            assert_eq!(found.as_ref(), Some(&changed));
        }
        tx.auth().user_find(twin.id).await
    });
    assert_eq!(found.await.unwrap(), None);
}

#[tokio::test]
async fn a_user_without_an_address_is_not_found() {
    let studio = TestTenant::open().await;
    let id = UserId::generate(studio.now());
    let insert = "INSERT INTO identity.users (id, name, phone, status, created_at, updated_at)
                  VALUES ($1, 'Ada', '+390612345678', 'pending_claim', now(), now())";
    studio.sql.execute(insert, &[&id.uuid()]).await.unwrap();
    let found = studio.db.auth_tx(async |tx| tx.auth().user_find(id).await);
    assert_eq!(found.await.unwrap(), None);
}

#[tokio::test]
async fn aut_01_ten_concurrent_refreshes_of_one_device_get_the_same_tokens() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    join(&studio, ada.id).await;
    let (session, text) = signed_in(&studio, &ada).await;
    let (origin, now) = (session.origin.clone(), studio.now());
    let attempt = async |origin: &Origin| {
        studio.db.auth_tx(async |tx| refresh(&mut tx.auth(), &text, origin, &Bits, now).await).await
    };
    let answers: Vec<_> =
        join_all((0..10).map(|_| attempt(&origin))).await.into_iter().map(|a| a.unwrap().unwrap()).collect();
    for answer in &answers {
        assert_eq!(answer.refresh_token.expose_secret(), answers[0].refresh_token.expose_secret());
        assert_eq!(
            (&answer.claims, answer.refresh_expires_at),
            (&answers[0].claims, answers[0].refresh_expires_at)
        );
    }
    let of_session = format!("session_id = '{}'", session.id.uuid());
    let tokens = format!("SELECT count(*) FROM identity.refresh_tokens WHERE {of_session}");
    let live = format!("{tokens} AND rotated_at IS NULL AND revoked_at IS NULL");
    assert_eq!((studio.count(&tokens).await, studio.count(&live).await), (2, 1));

    // The same use from another device ends the session.
    let elsewhere =
        Origin { device: Device::new(Some("another".into()), None, Some("curl".into())), ..origin };
    assert_eq!(attempt(&elsewhere).await.unwrap().unwrap_err().code(), "auth.refresh.reused");
    let after =
        studio.db.auth_tx(async |tx| tx.auth().session_find(session.id).await).await.unwrap().unwrap();
    assert_eq!(after.revoked.unwrap().reason, RevocationReason::TokenReuse);
    assert_eq!(studio.count(&live).await, 0);
}

#[tokio::test]
async fn the_database_refuses_a_second_live_token_in_a_family() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let (session, _) = signed_in(&studio, &ada).await;
    let second = RefreshToken::first(&session, TokenHash::of(&secret("another")), studio.now());
    let outcome = studio.db.auth_tx(async |tx| tx.auth().refresh_token_insert(&second).await).await;
    assert_eq!(outcome.unwrap_err().status, 409);
}

#[tokio::test]
async fn the_statements_of_a_sign_in_are_prepared_once_per_connection() {
    let mut studio = TestTenant::open().await;
    let tap = studio.tap().await;
    let ada = user(&studio, "ada").await;
    signed_in(&studio, &ada).await;
    let prepared = tap.prepared();
    signed_in(&studio, &ada).await;
    assert_eq!(tap.prepared(), prepared);
}

#[tokio::test]
async fn sessions_are_listed_touched_and_ended() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let [(here, _), (there, _)] = [signed_in(&studio, &ada).await, signed_in(&studio, &ada).await];
    let later = studio.now() + Duration::minutes(1);
    let db = &studio.db;
    db.auth_tx(async |tx| tx.auth().session_touch(there.id, later).await).await.unwrap();
    db.auth_tx(async |tx| tx.auth().session_touch(there.id, later - Duration::seconds(1)).await)
        .await
        .unwrap();
    let listed = db.auth_tx(async |tx| tx.auth().session_list(ada.id, later).await).await.unwrap();
    assert_eq!(listed, [Session { last_active: later, ..there.clone() }, here.clone()], "never backwards");
    let ends = here.expires_at;
    assert_eq!(db.auth_tx(async |tx| tx.auth().session_list(ada.id, ends).await).await.unwrap(), []);

    let revocation = Revocation { at: later, reason: RevocationReason::EndedElsewhere };
    let ended = db.auth_tx(async |tx| tx.auth().session_revoke_all(ada.id, Some(here.id), revocation).await);
    assert_eq!(ended.await.unwrap().iter().map(|session| session.id).collect::<Vec<_>>(), [there.id]);
    let ended = db.auth_tx(async |tx| tx.auth().session_revoke_all(ada.id, None, revocation).await);
    assert_eq!(ended.await.unwrap().len(), 1, "what has ended does not end again");
}

#[tokio::test]
async fn a_touch_does_not_wait_for_a_lock_on_the_session() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let (session, _) = signed_in(&studio, &ada).await;
    let later = studio.now() + Duration::minutes(1);
    let held = studio.db.auth_tx(async |tx| {
        tx.auth().session_lock(session.id).await?;
        let touched = studio.db.auth_tx(async |tx| tx.auth().session_touch(session.id, later).await);
        let touched = tokio::time::timeout(std::time::Duration::from_secs(5), touched).await;
        Ok::<_, StoreError>(touched.expect("it does not wait"))
    });
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn aut_07_of_a_hundred_concurrent_guesses_five_are_tried() {
    let studio = TestTenant::open().await;
    let key = ThrottleKey::login(&email(&studio, "ada"), None);
    let now = studio.now();
    let guess = || {
        studio.db.auth_tx(async |tx| match tx.auth().throttle_lock(&key).await?.attempt(now) {
            Ok(counted) => tx.auth().throttle_save(&key, &counted).await.map(|()| true),
            Err(_) => Ok::<_, StoreError>(false),
        })
    };
    let guesses: Vec<bool> =
        join_all((0..100).map(|_| guess())).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(guesses.into_iter().filter(|taken| *taken).count(), 5);
}

#[tokio::test]
async fn a_stored_password_hash_is_found_by_the_address() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let (now, [first, second]) = (studio.now(), ["a", "b"].map(|hash| PasswordHash::new(hash.into())));
    let found = studio.db.auth_tx(async |tx| {
        assert_eq!(tx.auth().credential_find(&ada.email).await?, None);
        tx.auth().credential_save(ada.id, &first, now).await?;
        tx.auth().credential_save(ada.id, &second, now).await?;
        tx.auth().credential_find(&ada.email).await
    });
    assert_eq!(found.await.unwrap(), Some(second));
}

#[tokio::test]
async fn mailed_tokens_are_spent_by_purpose_or_all() {
    let studio = TestTenant::open().await;
    let (ada, now) = (user(&studio, "ada").await, studio.now());
    let token = |text: &str, purpose| {
        let hash = TokenHash::of(&secret(&format!("{text}{}", ada.id)));
        OneTimeToken::new(hash, ada.id, ada.email.clone(), purpose, now)
    };
    let (reset, invitation) = (token("r", Purpose::PasswordReset), token("i", Purpose::Invitation));
    let spent = studio.db.auth_tx(async |tx| {
        tx.auth().one_time_token_insert(&reset).await?;
        tx.auth().one_time_token_insert(&invitation).await?;
        assert_eq!(tx.auth().one_time_token_lock(&reset.hash).await?, Some(reset.clone()));
        tx.auth().one_time_token_spend_all(ada.id, Some(Purpose::PasswordReset), now).await?;
        assert_eq!(tx.auth().one_time_token_find(&reset.hash).await?.unwrap().spent_at, Some(now));
        assert_eq!(tx.auth().one_time_token_find(&invitation.hash).await?.unwrap().spent_at, None);
        tx.auth().one_time_token_spend_all(ada.id, None, now).await?;
        tx.auth().one_time_token_find(&invitation.hash).await
    });
    assert_eq!(spent.await.unwrap().unwrap().spent_at, Some(now));
}

#[tokio::test]
async fn ten_14_holdings_are_read_in_their_own_tenant_only() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let ada = user(&studio, "ada").await;
    join(&studio, ada.id).await;
    let held = studio.db.auth_tx(async |tx| {
        let here = tx.auth().holdings_find(ada.id, studio.tenant).await?.unwrap();
        assert!(here.is_client && here.tree.iter().all(|place| place.organization == studio.main));
        assert_eq!(tx.auth().holdings_find(ada.id, other.tenant).await?, None);
        assert_eq!(tx.auth().holdings_find(ada.id, TenantId::generate(studio.now())).await?, None);
        tx.auth().membership_list(ada.id).await
    });
    let memberships = held.await.unwrap();
    assert_eq!(memberships.len(), 1);
    assert_eq!((memberships[0].tenant, memberships[0].home), (studio.tenant, Some(studio.main)));

    let permit =
        studio.as_staff(ada.id, studio.main, &[]).permit::<tryzore_rbac::catalogue::OwnProfile>().unwrap();
    let inside = studio.db.tenant_tx(&permit, async |tx| {
        assert!(tx.auth().holdings_find(ada.id, studio.tenant).await?.is_some());
        tx.auth().holdings_find(ada.id, other.tenant).await
    });
    assert_eq!(inside.await.unwrap(), None, "a tenant's transaction reads no other tenant");
}

fn key_pair(kid: &str, state: SigningKeyState, now: DateTime<Utc>) -> SigningKey {
    let (public, sealed) = (vec![7; 32], vec![8; 60]);
    SigningKey { kid: kid.into(), public, sealed, sealed_with: "a".into(), state, created_at: now }
}

// Signing keys belong to the whole database, so this test has its own database.
#[tokio::test]
async fn rotations_exclude_each_other_also_without_any_key() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let now = studio.now();
    let begin = async |db: &Db, kid: String| {
        db.auth_tx(async |tx| {
            if tx.auth().signing_key_lock_all().await?.is_empty() {
                tx.auth()
                    .signing_key_insert(&key_pair(&kid, SigningKeyState::Current { since: now }, now))
                    .await?;
                tx.auth()
                    .signing_key_insert(&key_pair(&format!("{kid}next"), SigningKeyState::Next, now))
                    .await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
    };
    let begun = join_all((0..6).map(|nth| begin(&studio.db, nth.to_string()))).await;
    assert!(begun.iter().all(Result::is_ok), "{begun:?}");
    let keys = studio.db.auth_tx(async |tx| tx.auth().signing_key_list().await).await.unwrap();
    assert_eq!(keys.len(), 2);
    let current = keys.iter().find(|key| matches!(key.state, SigningKeyState::Current { .. })).unwrap();
    let until = now + Duration::hours(1);
    let turned = studio.db.auth_tx(async |tx| {
        tx.auth().signing_key_update(&current.kid, SigningKeyState::Retired { until }).await?;
        tx.auth().signing_key_delete(&format!("{}next", current.kid)).await?;
        tx.auth().signing_key_list().await
    });
    let expected = SigningKey { state: SigningKeyState::Retired { until }, ..current.clone() };
    assert_eq!(turned.await.unwrap(), [expected]);
}

#[tokio::test]
async fn the_worker_mails_links_and_follows_the_provider_and_sees_no_password() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let linked = User { workos_user_id: Some(format!("user_{}", ada.id)), ..ada.clone() };
    studio.db.auth_tx(async |tx| tx.auth().user_update(&linked).await).await.unwrap();
    let (session, _) = signed_in(&studio, &ada).await;
    let worker = studio.database.as_service(Service::Work, studio.clock.clone());
    let now = studio.now();
    let link = worker
        .auth_tx(async |tx| issue_link(&mut tx.auth(), ada.id, Purpose::PasswordReset, &Bits, now).await);
    assert_eq!(link.await.unwrap().unwrap().email, ada.email);

    let subject = linked.workos_user_id.clone().unwrap();
    let news = ProviderNews::UserDeleted { subject };
    worker.auth_tx(async |tx| follow_provider(&mut tx.auth(), news, now).await).await.unwrap();
    let after = studio.db.auth_tx(async |tx| {
        Ok::<_, StoreError>((
            tx.auth().user_find(ada.id).await?.unwrap(),
            tx.auth().session_find(session.id).await?.unwrap(),
        ))
    });
    let (user, session) = after.await.unwrap();
    assert_eq!(user.status, UserStatus::Deactivated { at: now });
    assert_eq!(session.revoked.unwrap().reason, RevocationReason::Deactivated);

    let refused = worker.auth_tx(async |tx| tx.auth().credential_find(&ada.email).await).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied for table credentials"));
    let refused = worker.auth_tx(async |tx| tx.auth().signing_key_list().await).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied for table signing_keys"));
}

#[tokio::test]
async fn a_provider_session_ends_with_all_sessions_that_belong_to_it() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    let provider_session = format!("session_{}", ada.id);
    let followers = [(); 2]
        .map(|()| Session { provider_session: Some(provider_session.clone()), ..session(&studio, ada.id) });
    for follower in &followers {
        studio.db.auth_tx(async |tx| tx.auth().session_insert(follower).await).await.unwrap();
    }
    let now = studio.now();
    for _ in 0..2 {
        let news = ProviderNews::SessionRevoked { provider_session: provider_session.clone() };
        studio.db.auth_tx(async |tx| follow_provider(&mut tx.auth(), news, now).await).await.unwrap();
    }
    for follower in &followers {
        let ended =
            studio.db.auth_tx(async |tx| tx.auth().session_find(follower.id).await).await.unwrap().unwrap();
        assert_eq!(ended.revoked.unwrap().reason, RevocationReason::Provider);
    }
}

#[tokio::test]
async fn a_tenant_that_the_user_left_is_not_offered_at_sign_in() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let ada = user(&studio, "ada").await;
    join(&studio, ada.id).await;
    join(&other, ada.id).await;
    let tenants = async || {
        let list = studio.db.auth_tx(async |tx| tx.auth().membership_list(ada.id).await).await.unwrap();
        list.into_iter().map(|membership| membership.tenant).collect::<BTreeSet<_>>()
    };
    assert_eq!(tenants().await, BTreeSet::from([studio.tenant, other.tenant]));
    let archive = "UPDATE crm.clients SET status = 'archived', archived_at = now() WHERE tenant_id = $1";
    other.sql.execute(archive, &[&other.tenant.uuid()]).await.unwrap();
    assert_eq!(tenants().await, BTreeSet::from([studio.tenant]));
}

#[tokio::test]
async fn clients_employees_and_owners_are_offered_their_tenants_at_sign_in() {
    let studio = TestTenant::open().await;
    let ada = user(&studio, "ada").await;
    join(&studio, ada.id).await;
    let [works, owns, none] = [TestTenant::open().await, TestTenant::open().await, TestTenant::open().await];
    let (id, role) = (ada.id.uuid(), uuid_at(studio.now()));
    for other in [&works, &owns, &none] {
        let membership = "INSERT INTO tenancy.memberships (user_id, tenant_id, since) VALUES ($1, $2, now())";
        other.sql.execute(membership, &[&id, &other.tenant.uuid()]).await.unwrap();
    }
    let tenant = works.tenant.uuid();
    works
        .sql
        .execute(
            "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
             VALUES ($1, $2, 'Trainer', 'organization', true, now(), now())",
            &[&tenant, &role],
        )
        .await
        .unwrap();
    works
        .sql
        .execute(
            "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
             VALUES ($1, $2, $3, $4, true, now())",
            &[&tenant, &id, &works.main.uuid(), &role],
        )
        .await
        .unwrap();
    owns.sql
        .execute(
            "WITH account AS (
                 INSERT INTO tenancy.owner_accounts (id, user_id, name, email, created_at, updated_at)
                 VALUES ($1, $1, 'Ada', $1::uuid || '@example.com', now(), now()))
             INSERT INTO tenancy.owner_organizations
                 (tenant_id, owner_account_id, organization_id, role, added_at)
             VALUES ($2, $1, $3, 'owner', now())",
            &[&id, &owns.tenant.uuid(), &owns.main.uuid()],
        )
        .await
        .unwrap();
    let offered = studio.db.auth_tx(async |tx| {
        let list = tx.auth().membership_list(ada.id).await?;
        // The transaction is in no tenant again.
        assert_eq!(tx.auth().membership_list(ada.id).await?, list);
        assert!(tx.auth().holdings_find(ada.id, owns.tenant).await?.is_some());
        Ok::<_, StoreError>(list)
    });
    let offered: BTreeSet<_> = offered.await.unwrap().into_iter().map(|found| found.tenant).collect();
    assert_eq!(offered, BTreeSet::from([studio.tenant, works.tenant, owns.tenant]));
}

#[tokio::test]
async fn a_key_of_another_tenant_cannot_be_locked() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let now = studio.now();
    let key = tryzore_auth::ApiKey {
        id: tryzore_kernel::ApiKeyId::generate(now),
        tenant: studio.tenant,
        organization: studio.main,
        name: "Door".into(),
        prefix: uuid_at(now).simple().to_string()[20..].to_owned(),
        hash: TokenHash::of(&secret("text")),
        patterns: vec!["events.*".parse().unwrap()],
        issued_by: UserId::generate(now),
        created_at: now,
        expires_at: now + Duration::days(1),
        last_used_at: None,
        revoked_at: None,
    };
    let found = tryzore_auth::FoundApiKey { key: key.clone(), suspension: None, is_issuer_closed: false };
    let checked = studio.db.auth_tx(async |tx| {
        tx.auth().api_key_insert(&key).await?;
        assert_eq!(tx.auth().api_key_find(&key.prefix).await?, Some(found.clone()));
        assert_eq!(tx.auth().api_key_lock(other.tenant, key.id).await?, None);
        assert_eq!(tx.auth().api_key_list(other.tenant).await?, []);
        tx.auth().api_key_touch(key.id, now).await?;
        let revoked = tx.auth().api_key_lock(studio.tenant, key.id).await?.unwrap().revoke(now);
        assert_eq!(revoked.last_used_at, Some(now));
        tx.auth().api_key_update(&revoked).await?;
        assert_eq!(tx.auth().api_key_list(studio.tenant).await?, [revoked]);
        Ok::<_, StoreError>(())
    });
    checked.await.unwrap();
}
