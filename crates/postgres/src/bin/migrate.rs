//! The commands of the database's owner, for the database at `DATABASE_URL`:
//!
//! - `migrate up | down | redo`: the schema.
//! - `migrate logins`: a login for each service, with the passwords from the environment; also changes passwords.
//! - `migrate operator EMAIL [REASON]`: makes a user who has signed up the first super admin of the platform. With
//!   `--also` a further one, although there is one already.

use tryzore_postgres::migrations::{self, MigrationError};
use tryzore_postgres::setup::{self, Appoint, LOGINS};

const USAGE: &str = "usage: migrate up | down | redo | logins | operator [--also] EMAIL [REASON]";

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn main() -> Result<(), MigrationError> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set: the owner's URL")?;
    let (mut undone, mut applied) = (Vec::new(), Vec::new());
    match words.as_slice() {
        ["up"] => applied = migrations::up(&url).await?,
        ["down"] => undone = migrations::down(&url).await?,
        ["redo"] => (undone, applied) = (migrations::down(&url).await?, migrations::up(&url).await?),
        ["logins"] => {
            setup::logins_set(&url, &LOGINS, |name| std::env::var(name).ok()).await?;
            LOGINS.iter().for_each(|login| println!("login   {}", login.role));
        }
        ["operator", "--also", email, reason @ ..] if reason.len() <= 1 => {
            operator(&url, email, reason, Appoint::Also).await?;
        }
        ["operator", email, reason @ ..] if reason.len() <= 1 => {
            operator(&url, email, reason, Appoint::First).await?;
        }
        _ => return Err(USAGE.into()),
    }
    undone.iter().for_each(|name| println!("undone  {name}"));
    applied.iter().for_each(|name| println!("applied {name}"));
    Ok(())
}

#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn operator(url: &str, email: &str, reason: &[&str], appoint: Appoint) -> Result<(), MigrationError> {
    let reason = reason.first().copied().unwrap_or("appointed by the owner of the database");
    setup::operator_appoint(url, &email.parse()?, reason, appoint).await?;
    println!("super admin {email}");
    Ok(())
}
