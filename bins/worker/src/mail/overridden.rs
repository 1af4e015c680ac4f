//! Letters about manual overrides, to everyone who manages roles at the location.

use super::post::Post;
use crate::overrides::OVERRIDES;
use tryzore_kernel::Letter;
use tryzore_messaging::Locale;
use tryzore_postgres::{
    TenantTx,
    runtime::{Enqueue, program::Outcome},
};
use tryzore_rbac::Slug;
use tryzore_support::{domain_event::OverrideChanged, letter::OverrideFacts};
use tryzore_support_postgres::Support;

/// Enqueues the `letter` about the override of `it`, once for each reader with an address.
///
/// # Errors
/// When the database fails.
pub async fn write<L: Letter>(
    tx: &mut TenantTx,
    it: &OverrideChanged,
    letter: impl Fn(OverrideFacts) -> L,
) -> Outcome {
    let managers = OVERRIDES.who_hold(tx, Slug::MANAGE_ROLES, it.organization).await?;
    for reader in tx.support().readers(it.id, managers).await? {
        let post = Post::new(reader.email, Locale::default(), &letter(reader.facts));
        tx.job_enqueue(post.job::<L>());
    }
    Ok(())
}
