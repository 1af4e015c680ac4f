//! Who is signed in, for what belongs to whoever reads the mail of an address.

use tryzore_auth::Users;
use tryzore_kernel::Problem;
use tryzore_postgres::{AuthTx, Db};
use tryzore_rbac::{Permit, catalogue::OwnProfile};
use tryzore_tenancy::Person;

/// The person behind `permit`.
///
/// # Errors
/// 404 for a key, and for a user who is gone.
pub(super) async fn person(db: &Db, permit: &Permit<OwnProfile>) -> Result<Person, Problem> {
    let id = permit.actor().user().ok_or_else(|| Problem::not_found("person: this is a key"))?;
    let user = db.auth_tx(async |tx: &mut AuthTx| tx.user_find(id).await).await?;
    let user = user.ok_or_else(|| Problem::not_found("user"))?;
    let is_email_proven = user.email_verified_at.is_some();
    Ok(Person { user: id, email: user.email, name: user.name, is_email_proven })
}
