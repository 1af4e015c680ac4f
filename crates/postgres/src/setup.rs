//! What the owner of the database sets up once besides the migrations: a login for each service, and the first
//! operator of the platform. No service can do either.

use crate::{DatabaseConfig, connector::Connector, migrations::MigrationError};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use postgres_protocol::password::scram_sha_256;
use std::fmt::Write;
use tryzore_kernel::Email;
use tryzore_rbac::PlatformSlug;
use tryzore_schema::{identity::users, platform::operators};
use uuid::Uuid;

/// The login of a service.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    /// The name of the login role.
    pub role: &'a str,
    /// The group role that has the privileges; the migrations create it.
    pub group: &'a str,
    /// The environment variable with the password.
    pub variable: &'a str,
}

/// The logins of the services.
pub const LOGINS: [Login<'static>; 4] = [
    Login { role: "tryzore_crm_api", group: "tryzore_api", variable: "CRM_API_PASSWORD" },
    Login { role: "tryzore_app_api", group: "tryzore_api", variable: "APP_API_PASSWORD" },
    Login { role: "tryzore_ingest", group: "tryzore_inbound", variable: "INGEST_PASSWORD" },
    Login { role: "tryzore_worker", group: "tryzore_work", variable: "WORKER_PASSWORD" },
];

/// The least number of characters in a password: the database may be reachable from the internet.
pub const SHORTEST_PASSWORD: usize = 16;

/// Creates the missing logins, sets the passwords of all and puts them into their groups, in one transaction. The
/// server receives the SCRAM-SHA-256 verifier of a password and never the password itself, which it could log.
///
/// # Errors
/// When a password is missing or short, when a login can bypass row security, or the database cannot be reached.
pub async fn logins_set(
    url: &str,
    logins: &[Login<'_>],
    password: impl Fn(&str) -> Option<String>,
) -> Result<(), MigrationError> {
    let mut script = String::from("BEGIN;\n");
    for Login { role, group, variable } in logins {
        let password = password(variable).unwrap_or_default();
        if password.chars().count() < SHORTEST_PASSWORD {
            let wants = format!("at least {SHORTEST_PASSWORD} characters (`openssl rand -hex 24`)");
            return Err(format!("{variable}, the password of {role}, is not set or short: {wants}").into());
        }
        // Nothing here contains a quotation mark: the names are constants, and the verifier is base64.
        let kept = scram_sha_256(password.as_bytes());
        write!(
            script,
            "DO $$ BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}' AND (rolsuper OR rolbypassrls)) THEN
                    RAISE EXCEPTION 'the role {role} is there and passes row security by: drop it first';
                ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} LOGIN NOCREATEDB NOCREATEROLE;
                END IF;
            END $$;
            ALTER ROLE {role} PASSWORD '{kept}';
            GRANT {group} TO {role};
            -- Where CONNECT was taken from PUBLIC.
            DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO {group}', current_database()); END $$;\n"
        )?;
    }
    script.push_str("COMMIT;");
    Ok(connect(url).await?.batch_execute(&script).await?)
}

/// Makes a user an operator of the platform, with every permission of its catalogue; an existing operator gets the
/// permissions that are new.
///
/// # Errors
/// When no active user has the email address, or the database cannot be reached.
pub async fn operator_appoint(url: &str, email: &Email, because: &str) -> Result<(), MigrationError> {
    let mut connection = connect(url).await?;
    let user = users::table
        .filter(users::email.eq(email.as_str()))
        .filter(users::status.eq("active"))
        .select(users::id)
        .first::<Uuid>(&mut connection)
        .await
        .optional()?
        .ok_or_else(|| format!("nobody with the proven address {email}: sign up with it first"))?;
    let permissions = PlatformSlug::ALL.map(PlatformSlug::as_str).to_vec();
    diesel::insert_into(operators::table)
        .values((
            operators::user_id.eq(user),
            operators::permissions.eq(&permissions),
            operators::appointed_because.eq(because),
        ))
        .on_conflict(operators::user_id)
        .do_update()
        .set(operators::permissions.eq(&permissions))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Connects as the migrations do: the owner's URL may allow an unencrypted connection.
async fn connect(url: &str) -> Result<AsyncPgConnection, MigrationError> {
    let database =
        DatabaseConfig { allow_plaintext: true, prepared_statements: false, ..DatabaseConfig::new(url) };
    Ok(Connector::new(&database)?.open().await?)
}
