//! How another program books with the database of the product: connect, get the caller's grants, and run a use
//! case in one transaction.
//!
//! `DATABASE_URL=… cargo run -p tryzore-postgres --example book -- TENANT USER EVENT`
//!
//! The URL is that of a login in the group `tryzore_api`; `cargo xtask up` makes such logins, and
//! `migrate logins` does on a server. TENANT, USER and EVENT are ids, with or without their
//! prefix.
#![allow(clippy::print_stdout, reason = "an example that tells what happens")]

use std::{env, error::Error, sync::Arc};
use tryzore_auth::Memberships;
use tryzore_auth_postgres::Auth;
use tryzore_events::{book, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{Clock, EventId, Problem, SessionId, SystemClock, TenantId, UserId};
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_rbac::{Actor, Grants};

const USAGE: &str = "usage: DATABASE_URL=… book TENANT USER EVENT";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, mut words) = (env::var("DATABASE_URL").map_err(|_| USAGE)?, env::args().skip(1));
    let tenant: TenantId = words.next().ok_or(USAGE)?.parse()?;
    let user: UserId = words.next().ok_or(USAGE)?.parse()?;
    let event: EventId = words.next().ok_or(USAGE)?.parse()?;

    let db = Db::connect(&DatabaseConfig::new(url), Arc::new(SystemClock))?;
    let now = db.clock().now();

    // The grants of the user at that location; none for a stranger. The program must have authenticated the user.
    let held =
        db.auth_tx(async |tx| -> Result<_, Problem> { Ok(tx.auth().holdings_find(user, tenant).await?) });
    let held = held.await?.ok_or("this person does not belong to this tenant")?;
    let at = held.tree.first().map(|place| place.organization);
    let actor = Actor::User { user, session: SessionId::generate(now) };

    // A transaction requires a permit, which only grants can provide.
    let permit = Grants::compile(actor, tenant, at, &held).permit::<BookEvent>()?;
    let booked = db.tenant_tx(&permit, async |tx| book(&permit, &mut tx.events(), event, now).await).await;

    // Everything is committed, or nothing but the record of the refusal.
    match booked {
        Ok(booking) => println!("{} for {} {}", booking.id, booking.price.minor, booking.price.currency),
        Err(Problem { status, code, detail, .. }) => println!("{status} {code}: {detail}"),
    }
    Ok(())
}
