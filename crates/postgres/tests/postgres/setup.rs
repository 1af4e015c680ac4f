//! Logins and the first operator, as the owner of the database sets them up.

use serde_json::{Value, json};
use tokio_postgres::NoTls;
use tryzore_postgres::migrations;
use tryzore_postgres::setup::{Appoint, Login, SHORTEST_PASSWORD, logins_set, operator_appoint};
use tryzore_testkit::{Database, Service};
use uuid::Uuid;

/// A database, and names of logins that nobody else uses: roles belong to the whole server.
async fn stage() -> (Database, [String; 2]) {
    let unique = format!("setup_{}", Uuid::from_u128(unique()).simple());
    (Database::own().await, [format!("{unique}_a"), format!("{unique}_w")])
}

fn unique() -> u128 {
    let clock = tryzore_kernel::SystemClock;
    tryzore_kernel::UserId::generate(tryzore_kernel::Clock::now(&clock)).uuid().as_u128()
}

fn logins(names: &[String; 2]) -> [Login<'_>; 2] {
    let [api, worker] = names;
    [
        Login { role: api, group: "tryzore_api", variable: "API" },
        Login { role: worker, group: "tryzore_work", variable: "WORKER" },
    ]
}

async fn enters(database: &Database, role: &str, password: &str) -> bool {
    let mut config: tokio_postgres::Config = database.owner_url().parse().unwrap();
    config.user(role).password(password);
    config.connect(NoTls).await.is_ok()
}

#[tokio::test]
async fn logins_are_made_once_and_their_passwords_changed_later() {
    let (database, names) = stage().await;
    let logins = logins(&names);
    let [first, second] = ["first-password-", "second-password"].map(|word| word.repeat(2));
    for password in [&first, &second] {
        logins_set(&database.owner_url(), &logins, |_| Some(password.clone())).await.unwrap();
    }
    let owner = database.owner_client().await;
    for Login { role, group, .. } in logins {
        let row = "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
                          pg_has_role(rolname, $2::name, 'MEMBER') FROM pg_roles WHERE rolname = $1";
        let row = owner.query_one(row, &[&role, &group]).await.unwrap();
        let has: Vec<bool> = (0..6).map(|column| row.get(column)).collect();
        assert_eq!(has, [true, false, false, false, false, true], "{role}");
        assert!(enters(&database, role, &second).await && !enters(&database, role, &first).await, "{role}");
    }
    for role in &names {
        owner.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
    }
}

#[tokio::test]
async fn a_missing_or_short_password_makes_no_login_at_all() {
    let (database, names) = stage().await;
    let of = |length: usize| {
        move |name: &str| (name == "API").then(|| "x".repeat(64)).or(Some("x".repeat(length)))
    };
    let set = async |length| logins_set(&database.owner_url(), &logins(&names), of(length)).await;
    for length in [0, SHORTEST_PASSWORD - 1] {
        let refused = set(length).await.unwrap_err().to_string();
        assert!(refused.contains("WORKER") && refused.contains("at least 16"), "{refused}");
    }
    let owner = database.owner_client().await;
    let there = "SELECT count(*) FROM pg_roles WHERE rolname = ANY ($1)";
    let names_list = names.to_vec();
    assert_eq!(owner.query_one(there, &[&names_list]).await.unwrap().get::<_, i64>(0), 0);
    set(SHORTEST_PASSWORD).await.unwrap();
    assert_eq!(owner.query_one(there, &[&names_list]).await.unwrap().get::<_, i64>(0), 2);
    for role in &names {
        owner.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
    }
}

/// Adds a user with the address, who has proven it or not.
async fn add_user(owner: &tokio_postgres::Client, email: &str, is_proven: bool) -> Uuid {
    let add =
        "INSERT INTO identity.users (id, name, email, status, email_verified_at, created_at, updated_at)
               VALUES ($1, 'Opal', $2, CASE WHEN $3 THEN 'active' ELSE 'pending_claim' END,
                       CASE WHEN $3 THEN now() END, now(), now())";
    let id = Uuid::from_u128(unique());
    owner.execute(add, &[&id, &email, &is_proven]).await.unwrap();
    id
}

/// The operators: who, role, status, version.
async fn operators(owner: &tokio_postgres::Client) -> Vec<(Uuid, String, String, i32)> {
    let all = "SELECT user_id, role, status, version FROM platform.operators ORDER BY user_id";
    let rows = owner.query(all, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

#[tokio::test]
async fn rba_04_the_first_super_admin_is_a_user_with_a_verified_address_and_it_is_recorded() {
    let database = Database::own().await;
    let owner = database.owner_client().await;
    let opal = add_user(&owner, "opal@example.com", true).await;
    add_user(&owner, "una@example.com", false).await;
    let appoint = async |email: &str, because: &str| {
        operator_appoint(&database.owner_url(), &email.parse().unwrap(), because, Appoint::First).await
    };
    for stranger in ["una@example.com", "nobody@example.com"] {
        let refused = appoint(stranger, "runs the platform").await.unwrap_err().to_string();
        assert!(refused.contains(stranger), "{refused}");
    }
    for because in [" ".to_owned(), "r".repeat(501)] {
        let refused = appoint("opal@example.com", &because).await.unwrap_err().to_string();
        assert!(refused.contains("1 to 500"), "{refused}");
    }
    assert_eq!(operators(&owner).await, []);
    appoint("Opal@Example.com", "runs the platform").await.unwrap();
    assert_eq!(operators(&owner).await, [(opal, "super_admin".into(), "active".into(), 1)]);

    let log =
        "SELECT kind, actor, payload, tenant_id FROM runtime.outbox WHERE aggregate_id = $1 ORDER BY seq";
    let work = database.client(Service::Work).await;
    let log = work.query(log, &[&opal]).await.unwrap();
    let told: Vec<_> = log.iter().map(|row| (row.get::<_, String>(0), row.get::<_, Value>(1))).collect();
    let setup = json!({ "type": "system", "system": "setup" });
    let expected =
        ["rbac.operator_appointed", "journal.audited"].map(|kind| (kind.to_owned(), setup.clone()));
    assert_eq!(told, expected);
    let details = json!({ "role": "super_admin", "reason": "runs the platform" });
    let payload: Value = log[1].get(2);
    assert_eq!((&payload["action"], &payload["details"]), (&json!("operators.appoint"), &details));
    assert!(log.iter().all(|row| row.get::<_, Option<Uuid>>(3).is_none()));
}

#[tokio::test]
async fn rba_04_a_further_super_admin_is_appointed_on_request_only_while_another_can_act() {
    let database = Database::own().await;
    let owner = database.owner_client().await;
    let [opal, ada] =
        [add_user(&owner, "opal@example.com", true).await, add_user(&owner, "ada@example.com", true).await];
    let appoint = async |email: &str, appoint| {
        operator_appoint(&database.owner_url(), &email.parse().unwrap(), "test", appoint).await
    };
    appoint("opal@example.com", Appoint::First).await.unwrap();
    for email in ["ada@example.com", "opal@example.com"] {
        let refused = appoint(email, Appoint::First).await.unwrap_err().to_string();
        assert!(refused.contains("opal@example.com") && refused.contains("--also"), "{refused}");
    }
    // What an operator had before makes way for the role.
    let limited = "INSERT INTO platform.operators (user_id, role, status, because) VALUES ($1, 'limited', 'dismissed', 'r')";
    owner.execute(limited, &[&ada]).await.unwrap();
    let denied = "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
                  VALUES ($1, 'platform.view_jobs', 'deny', 'r', now())";
    owner.execute(denied, &[&ada]).await.unwrap();
    appoint("ada@example.com", Appoint::Also).await.unwrap();
    let mut both = vec![
        (opal, "super_admin".to_owned(), "active".to_owned(), 1),
        (ada, "super_admin".into(), "active".into(), 2),
    ];
    both.sort();
    assert_eq!(operators(&owner).await, both);
    let overrides = owner.query("SELECT pattern FROM platform.operator_overrides", &[]).await.unwrap();
    assert_eq!(overrides.len(), 0);

    // Whoever cannot act does not stand in the way of a first one.
    for gone in [
        "UPDATE platform.operators SET status = 'dismissed'",
        "UPDATE platform.operators SET role = 'platform_admin'",
        "UPDATE identity.users SET status = 'deactivated', deactivated_at = now() WHERE email = 'opal@example.com'",
        "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
         SELECT user_id, 'platform.*', 'deny', 'r', now() FROM platform.operators",
    ] {
        owner.execute("DELETE FROM platform.operators", &[]).await.unwrap();
        owner
            .execute("UPDATE identity.users SET status = 'active', deactivated_at = NULL", &[])
            .await
            .unwrap();
        appoint("opal@example.com", Appoint::First).await.unwrap();
        owner.execute(gone, &[]).await.unwrap();
        appoint("ada@example.com", Appoint::First).await.unwrap();
    }
}

#[tokio::test]
async fn rba_04_the_program_appoints_the_first_super_admin_and_says_what_it_did() {
    let database = Database::own().await;
    let owner = database.owner_client().await;
    add_user(&owner, "opal@example.com", true).await;
    add_user(&owner, "ada@example.com", true).await;
    let migrate = async |arguments: &[&str]| {
        let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_migrate"));
        let ran = program.args(arguments).env("DATABASE_URL", database.owner_url()).output().await.unwrap();
        (ran.status.success(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
    };
    let done = migrate(&["operator", "opal@example.com", "first"]).await;
    assert_eq!(done, (true, "super admin opal@example.com\n".into()));
    let (is_done, said) = migrate(&["operator", "ada@example.com"]).await;
    assert!(!is_done && said.contains("--also"), "{said}");
    let done = migrate(&["operator", "--also", "ada@example.com"]).await;
    assert_eq!(done, (true, "super admin ada@example.com\n".into()));
    let (is_done, said) = migrate(&["operator"]).await;
    assert!(!is_done && said.contains("usage"), "{said}");
    assert_eq!(operators(&owner).await.len(), 2);
}

#[tokio::test]
async fn rba_04_operators_of_before_roles_keep_exactly_what_they_had() {
    let database = Database::own().await;
    let owner = database.owner_client().await;
    let undo = [
        include_str!("../../../../migrations/2026-12-01-000101_platform_overview/down.sql"),
        include_str!("../../../../migrations/2026-12-01-000100_operators/down.sql"),
    ];
    let redo = include_str!("../../../../migrations/2026-12-01-000100_operators/up.sql");
    let all = "platform.view_webhooks,platform.replay_webhooks,platform.view_jobs,platform.replay_jobs,\
               platform.view_tenants,platform.set_tenant_status";
    let mut users = Vec::new();
    owner.batch_execute(undo[0]).await.unwrap();
    owner.batch_execute(undo[1]).await.unwrap();
    for (email, held) in
        [("all@example.com", all), ("some@example.com", "platform.view_jobs,platform.view_tenants")]
    {
        let user = add_user(&owner, email, true).await;
        let insert = "INSERT INTO platform.operators (user_id, permissions, appointed_because)
                      VALUES ($1, string_to_array($2, ','), 'on call')";
        owner.execute(insert, &[&user, &held]).await.unwrap();
        users.push(user);
    }
    owner.batch_execute(redo).await.unwrap();
    let mut expected = vec![
        (users[0], "super_admin".to_owned(), "active".to_owned(), 1),
        (users[1], "limited".into(), "active".into(), 1),
    ];
    expected.sort();
    assert_eq!(operators(&owner).await, expected);
    let allowed =
        "SELECT pattern, effect, because FROM platform.operator_overrides WHERE user_id = $1 ORDER BY 1";
    let of = async |user: &Uuid| owner.query(allowed, &[user]).await.unwrap();
    assert_eq!(of(&users[0]).await.len(), 0);
    let rows = of(&users[1]).await;
    let rows: Vec<_> = rows.iter().map(|row| [0, 1, 2].map(|column| row.get::<_, String>(column))).collect();
    let allow = |pattern: &str| [pattern.to_owned(), "allow".into(), "on call".into()];
    assert_eq!(rows, [allow("platform.view_jobs"), allow("platform.view_tenants")]);

    // And back: a deny override takes what a role gives.
    let denied = "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
                  VALUES ($1, 'platform.replay_*', 'deny', 'r', now())";
    owner.execute(denied, &[&users[0]]).await.unwrap();
    owner.batch_execute(undo[1]).await.unwrap();
    let held = "SELECT permissions FROM platform.operators WHERE user_id = $1";
    let held = async |user: &Uuid| owner.query_one(held, &[user]).await.unwrap().get::<_, Vec<String>>(0);
    assert_eq!(held(&users[1]).await, ["platform.view_jobs", "platform.view_tenants"]);
    let left: Vec<_> = all.split(',').filter(|slug| !slug.contains("replay")).collect();
    assert_eq!(held(&users[0]).await, left);
}

#[tokio::test]
async fn the_schema_is_undone_and_made_again_whatever_migrations_another_program_has_beside_it() {
    let database = Database::own().await;
    let (owner, url) = (database.owner_client().await, database.owner_url());
    let theirs = "lagoon/20260101000001";
    let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES ($1)";
    owner.execute(insert, &[&theirs]).await.unwrap();
    let mut undone = migrations::down(&url).await.unwrap();
    let left = owner.query("SELECT version FROM __diesel_schema_migrations", &[]).await.unwrap();
    assert_eq!(left.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(), [theirs]);
    undone.reverse();
    assert_eq!(migrations::up(&url).await.unwrap(), undone);
    assert_eq!(migrations::up(&url).await.unwrap(), [""; 0]);
}
