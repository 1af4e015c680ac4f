//! Logins and the first operator, as the owner of the database sets them up.

use tokio_postgres::NoTls;
use tryzore_postgres::migrations;
use tryzore_postgres::setup::{Login, SHORTEST_PASSWORD, logins_set, operator_appoint};
use tryzore_rbac::PlatformSlug;
use tryzore_testkit::Database;
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

#[tokio::test]
async fn only_a_user_with_a_verified_address_becomes_an_operator() {
    let database = Database::own().await;
    let owner = database.owner_client().await;
    let add =
        "INSERT INTO identity.users (id, name, email, status, email_verified_at, created_at, updated_at)
               VALUES ($1, 'Opal', $2, $3, CASE $3 WHEN 'active' THEN now() END, now(), now())";
    let [opal, una] = [Uuid::from_u128(unique()), Uuid::from_u128(unique())];
    owner.execute(add, &[&opal, &"opal@example.com", &"active"]).await.unwrap();
    owner.execute(add, &[&una, &"una@example.com", &"pending_claim"]).await.unwrap();
    let appoint = async |email: &str| {
        operator_appoint(&database.owner_url(), &email.parse().unwrap(), "runs the platform").await
    };
    for stranger in ["una@example.com", "nobody@example.com"] {
        let refused = appoint(stranger).await.unwrap_err().to_string();
        assert!(refused.contains(stranger), "{refused}");
    }
    // An operator with fewer permissions gets the new ones.
    let less = "INSERT INTO platform.operators VALUES ($1, '{platform.view_jobs}', 'on call')";
    owner.execute(less, &[&opal]).await.unwrap();
    appoint("Opal@Example.com").await.unwrap();
    let all = owner.query("SELECT user_id, permissions FROM platform.operators", &[]).await.unwrap();
    assert_eq!((all.len(), all[0].get::<_, Uuid>(0)), (1, opal));
    assert_eq!(all[0].get::<_, Vec<String>>(1), PlatformSlug::ALL.map(PlatformSlug::as_str));
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
