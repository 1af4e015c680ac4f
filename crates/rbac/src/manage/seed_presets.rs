//! Adding the preset roles to a new tenant (RBA-02).

use crate::{
    manage::{Role, RoleStore},
    preset::PRESETS,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::StoreResult;

/// Adds the six presets to the tenant of the transaction, in the order of [`PRESETS`]; a preset that exists
/// already stays unchanged.
///
/// # Errors
/// When the store fails.
pub async fn seed_presets<T: RoleStore>(tx: &mut T, now: DateTime<Utc>) -> StoreResult<Vec<Role>> {
    let mut roles = Vec::with_capacity(PRESETS.len());
    for preset in PRESETS {
        let role = match tx.role_find_preset(preset.key).await? {
            Some(role) => role,
            None => {
                let role = Role::from_preset(preset, now);
                tx.role_insert(&role).await?;
                role
            }
        };
        roles.push(role);
    }
    Ok(roles)
}
