//! A transaction without a tenant that reads in one.
#![allow(unreachable_pub, reason = "the macro declares what a crate exports")]

use diesel::prelude::*;
use tryzore_kernel::{OrganizationId, StoreError, UserId};
use tryzore_postgres::statement;
use tryzore_schema::tenancy::organizations;
use tryzore_testkit::TestTenant;

tryzore_postgres::store! {
    /// A transaction as the stores see it.
    pub struct Probe;
    /// Gives the transaction.
    pub trait Probing { fn probe }
}

statement! {
    /// Adds a user whose name is the tenant in which the statement runs.
    struct Note { user: UserId => diesel::sql_types::Uuid }
    "INSERT INTO identity.users (id, email, name, status, created_at, updated_at)
     VALUES ($1, $1::text || '@example.com', coalesce(nullif(current_setting('app.tenant_id', true), ''), 'none'),
             'pending_claim', now(), now())"
}

#[tokio::test]
async fn what_is_deferred_runs_in_the_tenant_in_which_it_was_deferred() {
    let studio = TestTenant::open().await;
    let [before, inside, unsent, after] = [(); 4].map(|()| UserId::generate(studio.now()));
    let tenant = studio.tenant;
    let seen = studio.db.auth_tx(async |tx| {
        let tx = tx.probe().tx;
        tx.defer(Note { user: before });
        let seen = tx.within(tenant, async |tx| {
            tx.defer(Note { user: inside });
            tx.rows::<_, OrganizationId>(organizations::table.select(organizations::id)).await
        });
        let seen = seen.await?;
        let defers = async |tx: &mut tryzore_postgres::tx::Tx| {
            tx.defer(Note { user: unsent });
            Ok(())
        };
        tx.within(tenant, defers).await?;
        tx.defer(Note { user: after });
        Ok::<_, StoreError>(seen)
    });
    assert_eq!(seen.await.unwrap(), [studio.main]);
    let ours = tenant.uuid().to_string();
    for (user, name) in [(before, "none"), (inside, &*ours), (unsent, &*ours), (after, "none")] {
        let stored = "SELECT name FROM identity.users WHERE id = $1";
        let stored: String = studio.sql.query_one(stored, &[&user.uuid()]).await.unwrap().get(0);
        assert_eq!(stored, name);
    }
}
