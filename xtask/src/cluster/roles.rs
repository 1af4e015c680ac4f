//! The roles of a database: an owner for migrations, and one login per service that owns nothing.
//!
//! The migrations grant the privileges of a service to a group; the tool makes the logins and puts each into its
//! group. So privileges are in the schema's history, and passwords are not.
//!
//! Everything but the owner is made *by* the owner, a role with CREATEROLE and no more: a managed Postgres
//! provides nothing stronger.

use super::memory::Memory;
use anyhow::{Context, bail};
use tokio_postgres::Client;

/// The role that runs migrations and owns their objects.
pub const OWNER: &str = "tryzore_owner";

/// The login of a service.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// Name of the role.
    pub role: &'static str,
    /// The group that the migrations create.
    pub group: &'static str,
}

/// The logins of the services.
pub const LOGINS: [Login; 4] = [
    Login { role: "tryzore_crm_api", group: "tryzore_api" },
    Login { role: "tryzore_app_api", group: "tryzore_api" },
    Login { role: "tryzore_ingest", group: "tryzore_inbound" },
    Login { role: "tryzore_worker", group: "tryzore_work" },
];

/// The owner of a server, which decides whether an existing role may be given a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Made by the tool, like its roles.
    Private,
    /// Someone else's: other services may use its roles.
    Foreign,
}

/// Makes the owner's role, or sets its password and privileges again. Needs a superuser.
pub async fn owner_ensure(client: &Client, memory: &mut Memory) -> anyhow::Result<()> {
    let password = memory.password(OWNER)?;
    let verb = if exists(client, OWNER).await? { "ALTER" } else { "CREATE" };
    let rights = "LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE CREATEDB";
    client.batch_execute(&format!("{verb} ROLE {OWNER} {rights} PASSWORD '{password}'")).await?;
    Ok(())
}

/// Makes the logins that are missing.
pub async fn logins_ensure(client: &Client, memory: &mut Memory, whose: Ownership) -> anyhow::Result<()> {
    for Login { role, .. } in LOGINS {
        let known = memory.passwords.contains_key(role);
        let there = exists(client, role).await?;
        if there && !known && whose == Ownership::Foreign {
            bail!(
                "the role {role} exists on this server and its password is not known here. Other services may use \
                 it, so it is not changed: `ALTER ROLE {role} PASSWORD ...` yourself and note the password in \
                 .data, or drop the role"
            );
        }
        let password = memory.password(role)?;
        if !there {
            // No superuser and no BYPASSRLS by default; only a superuser may even mention them.
            let sql = format!("CREATE ROLE {role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD '{password}'");
            client.batch_execute(&sql).await.with_context(|| format!("creating the role {role}"))?;
        } else if !known {
            client.batch_execute(&format!("ALTER ROLE {role} PASSWORD '{password}'")).await?;
        }
    }
    Ok(())
}

/// Puts each login into its group; the migrations must have run.
pub async fn groups_grant(client: &Client) -> anyhow::Result<()> {
    for Login { role, group } in LOGINS {
        if !exists(client, group).await? {
            bail!("the migrations made no role {group}, the group of {role}");
        }
        let member =
            client.query_one("SELECT pg_has_role($1::name, $2::name, 'MEMBER')", &[&role, &group]).await?;
        if !member.get::<_, bool>(0) {
            let sql = format!("GRANT {group} TO {role}");
            client.batch_execute(&sql).await.with_context(|| format!("granting {group} to {role}"))?;
        }
    }
    Ok(())
}

async fn exists(client: &Client, role: &str) -> anyhow::Result<bool> {
    let row = client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&role]).await?;
    Ok(row.is_some())
}
