//! What a call with a service's key may do (AUT-06).

use crate::{ApiKey, ApiKeys, Settled, api_key::rejected, session::TOUCH_EVERY};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::sync::Arc;
use tryzore_rbac::Grants;

/// What the key `text` may do now.
///
/// # Errors
/// Inner: `auth.api_key.rejected`, `auth.api_key.revoked`, `auth.api_key.expired`,
/// `tenants.suspended`.
pub async fn verify_api_key<T: ApiKeys>(
    tx: &mut T,
    text: &SecretString,
    now: DateTime<Utc>,
) -> Settled<Arc<Grants>> {
    let Some(prefix) = ApiKey::prefix_of(text) else {
        return Ok(Err(rejected()));
    };
    let Some((key, suspension)) = tx.api_key_find(prefix).await? else {
        return Ok(Err(rejected()));
    };
    if let Err(refusal) = key.check(text, now) {
        return Ok(Err(refusal));
    }
    if let Some(suspension) = suspension {
        return Ok(Err(suspension.refusal()));
    }
    if key.last_used_at.is_none_or(|last| now - last >= TOUCH_EVERY) {
        tx.api_key_touch(key.id, now).await?;
    }
    Ok(Ok(key.grants()))
}
