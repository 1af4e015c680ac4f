//! `own-use-case migrate`: brings the database at `DATABASE_URL`, its owner's, up to date.
//!
//! `own-use-case invite TENANT USER EVENT FRIEND`: invites a friend for a client. `DATABASE_URL` is that of a login in
//! the group `tryzore_api`; the program must know by itself that it is this user who asks.

use own_use_case::{
    invite_friend::{InviteFriend, invite_friend},
    migrate,
    store::Lagoon,
};
use std::{env, error::Error, sync::Arc};
use tryzore_auth::Memberships;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, EventId, Problem, SessionId, SystemClock, TenantId, UserId};
use tryzore_postgres::{DatabaseConfig, Db, TenantTx};
use tryzore_rbac::{Actor, Grants};

const USAGE: &str = "usage: DATABASE_URL=… own-use-case migrate | invite TENANT USER EVENT FRIEND";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let url = env::var("DATABASE_URL").map_err(|_| USAGE)?;
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["migrate"] => migrate(&url).await?.iter().for_each(|name| println!("applied {name}")),
        ["invite", tenant, user, event, friend] => {
            let db = Db::connect(&DatabaseConfig::new(url), Arc::new(SystemClock))?;
            match invite(&db, tenant.parse()?, user.parse()?, event.parse()?, friend.parse()?).await {
                Ok(()) => println!("invited {friend}"),
                Err(Problem { status, code, detail, .. }) => println!("refused: {status} {code}: {detail}"),
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

async fn invite(
    db: &Db,
    tenant: TenantId,
    user: UserId,
    event: EventId,
    friend: Email,
) -> Result<(), Problem> {
    // What the user holds; none for a stranger.
    let held =
        db.auth_tx(async |tx| -> Result<_, Problem> { Ok(tx.auth().holdings_find(user, tenant).await?) });
    let held = held.await?.ok_or_else(|| Problem::not_found("user"))?;
    let at = held.tree.first().map(|place| place.organization);
    let now = db.clock().now();
    let actor = Actor::User { user, session: SessionId::generate(now) };

    // No permit, no transaction; and only what someone holds gives a permit.
    let permit = Grants::compile(actor, tenant, at, &held).permit::<InviteFriend>()?;
    let invite =
        async |tx: &mut TenantTx| invite_friend(&permit, &mut tx.lagoon(), event, &friend, now).await;
    db.tenant_tx(&permit, invite).await
}
