//! `audit verify [--tenant ID [--expect NUMBER:HASH]]`: recomputes the seals of the audit trail in
//! the database at `DATABASE_URL`, as the owner or the worker. Prints a line per tenant; fails when a
//! chain is not valid.

use std::{process::ExitCode, sync::Arc};
use tryzore_governance::Noted;
use tryzore_governance_postgres::check_audit;
use tryzore_kernel::{SystemClock, TenantId};
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_rbac::SystemActor;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "usage: audit verify [--tenant ID [--expect NUMBER:HASH]]";

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn main() -> Result<ExitCode, Failed> {
    let (tenant, noted) = arguments()?;
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: the owner's or the worker's URL")?;
    let db = Db::connect(&DatabaseConfig::new(url), Arc::new(SystemClock))?;
    let tenants = match tenant {
        Some(tenant) => vec![tenant],
        None => db.platform_tx(SystemActor::Worker, async |tx| tx.tenants_all().await).await?,
    };
    let mut broken = 0;
    for tenant in tenants {
        let checked = check_audit(&db, tenant, noted).await?;
        let unsealed = checked.unsealed;
        match checked.outcome {
            Ok(head) if head.number == 0 => println!("{tenant} no seal yet, {unsealed} entries not sealed"),
            Ok(head) => {
                println!(
                    "{tenant} is valid: {} entries, {unsealed} not sealed, head {}",
                    checked.lines,
                    Noted::from(head)
                );
            }
            Err(error) => {
                broken += 1;
                println!("{tenant} BROKEN: {error}");
            }
        }
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> Result<(Option<TenantId>, Option<Noted>), Failed> {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() != Some("verify") {
        return Err(USAGE.into());
    }
    let (mut tenant, mut noted) = (None, None);
    while let Some(word) = words.next() {
        let value = words.next().ok_or(USAGE)?;
        match word.as_str() {
            "--tenant" => tenant = Some(value.parse()?),
            "--expect" => noted = Some(value.parse()?),
            _ => return Err(USAGE.into()),
        }
    }
    if noted.is_some() && tenant.is_none() {
        return Err("--expect is about one tenant: say which by --tenant".into());
    }
    Ok((tenant, noted))
}
