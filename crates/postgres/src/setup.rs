//! What the owner of the database sets up once besides the migrations: a login for each service, and the first
//! operator of the platform. No service can do either.

use crate::{AuthTx, DatabaseConfig, Db, connector::Connector, migrations::MigrationError, statement};
use chrono::{DateTime, Utc};
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use postgres_protocol::password::scram_sha_256;
use serde_json::json;
use std::{fmt::Write, sync::Arc};
use tryzore_kernel::{AuditEntry, Email, Journal, Problem, SystemClock, UserId};
use tryzore_rbac::{
    Actor, DomainEvent, PlatformRole, SystemActor,
    operators::domain_event::{OfOperator, OperatorAppointed},
};

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

/// Whether [`operator_appoint`] may appoint a further super admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appoint {
    /// Only the first super admin: one who can sign in is refused a second.
    First,
    /// Also a further one: the way back in when the super admins cannot be reached.
    Also,
}

statement! {
    // Two commands at once are one after the other.
    struct HoldOperators {}
    "LOCK TABLE platform.operators IN SHARE ROW EXCLUSIVE MODE"
}

statement! {
    struct FindCandidate { email: String => sql_types::Text }
    "SELECT (SELECT u.id FROM identity.users u WHERE u.email = $1 AND u.status = 'active') AS id,
         ARRAY (SELECT n.email FROM platform.operators o
                JOIN platform.operator_names n ON n.user_id = o.user_id AND n.can_sign_in
                WHERE o.role = 'super_admin' AND o.status = 'active' AND n.email IS NOT NULL
                    AND NOT EXISTS (SELECT FROM platform.operator_overrides v
                                    WHERE v.user_id = o.user_id AND v.effect = 'deny')
                ORDER BY n.email) AS super_admins"
}

#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct CandidateRow {
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    id: Option<UserId>,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    super_admins: Vec<String>,
}

statement! {
    struct PutSuperAdmin {
        user: UserId => sql_types::Uuid,
        because: String => sql_types::Text,
        now: DateTime<Utc> => sql_types::Timestamptz,
    }
    "WITH cleared AS (DELETE FROM platform.operator_overrides WHERE user_id = $1)
     INSERT INTO platform.operators AS o (user_id, role, status, because, since)
     VALUES ($1, 'super_admin', 'active', $2, $3)
     ON CONFLICT (user_id) DO UPDATE
     SET role = 'super_admin', status = 'active', set_by = NULL, because = $2, since = $3,
         version = o.version + 1"
}

/// Makes a user a super admin of the platform, whatever they were before, and records it in the event log.
///
/// # Errors
/// When no active user has the email address, when there is a super admin already and `appoint` is
/// [`Appoint::First`], or when the database cannot be reached.
pub async fn operator_appoint(
    url: &str,
    email: &Email,
    because: &str,
    appoint: Appoint,
) -> Result<(), MigrationError> {
    let because = because.trim();
    if !(1..=500).contains(&because.chars().count()) {
        return Err("the reason has 1 to 500 characters".into());
    }
    let db = Db::connect(&of_the_owner(url), Arc::new(SystemClock))?;
    let mut refused = None;
    let done = db
        .auth_tx(async |tx: &mut AuthTx| -> Result<(), Problem> {
            tx.act_as(Actor::System { system: SystemActor::Setup });
            tx.tx.defer(HoldOperators {});
            let found: Vec<CandidateRow> =
                tx.tx.rows(FindCandidate { email: email.as_str().to_owned() }).await?;
            let found = found.into_iter().next().ok_or_else(|| Problem::internal("no answer"))?;
            let Some(user) = found.id else {
                refused = Some(format!("nobody with the proven address {email}: sign up with it first"));
                return Err(Problem::not_found("user"));
            };
            if appoint == Appoint::First && !found.super_admins.is_empty() {
                let there = found.super_admins.join(", ");
                refused = Some(format!(
                    "there is a super admin already ({there}), who appoints operators; `--also` appoints one more"
                ));
                return Err(Problem::not_found("operator"));
            }
            let (role, now) = (PlatformRole::SuperAdmin, tx.now);
            tx.tx.defer(PutSuperAdmin { user, because: because.to_owned(), now });
            tx.audit_append(AuditEntry {
                action: "operators.appoint",
                target: user.uuid(),
                subject: Some(user),
                organizations: Vec::new(),
                details: json!({ "role": role, "reason": because }),
            });
            tx.event_publish(OperatorAppointed(OfOperator { user, role }).published(now));
            Ok(())
        })
        .await;
    match (done, refused) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(refused)) => Err(refused.into()),
        (Err(problem), None) => Err(problem.to_string().into()),
    }
}

/// Connects as the migrations do.
async fn connect(url: &str) -> Result<AsyncPgConnection, MigrationError> {
    Ok(Connector::new(&of_the_owner(url))?.open().await?)
}

/// The owner's URL may allow an unencrypted connection.
fn of_the_owner(url: &str) -> DatabaseConfig {
    DatabaseConfig { allow_plaintext: true, prepared_statements: false, ..DatabaseConfig::new(url) }
}
