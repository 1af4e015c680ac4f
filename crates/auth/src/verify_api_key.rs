//! Verifying an API key (AUT-06).

use crate::{
    ApiKey, ApiKeys, FactorRules, FoundApiKey, Memberships, Settled, api_key::rejected, session::TOUCH_EVERY,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::sync::Arc;
use tryzore_rbac::{FactorStanding, Grants};

/// The grants of the key with the text `text`: never more than its issuer may do now, and nothing that requires
/// a second factor.
///
/// # Errors
/// Inner: `auth.api_key.rejected`, `auth.api_key.revoked`, `auth.api_key.expired`,
/// `auth.api_key.issuer_gone`, `tenants.suspended`.
pub async fn verify_api_key<T: ApiKeys + Memberships + FactorRules>(
    tx: &mut T,
    text: &SecretString,
    now: DateTime<Utc>,
) -> Settled<Arc<Grants>> {
    let Some(prefix) = ApiKey::prefix_of(text) else {
        return Ok(Err(rejected()));
    };
    let Some(FoundApiKey { key, suspension, is_issuer_closed }) = tx.api_key_find(prefix).await? else {
        return Ok(Err(rejected()));
    };
    if let Err(refusal) = key.check(text, now) {
        return Ok(Err(refusal));
    }
    if let Some(suspension) = suspension {
        return Ok(Err(suspension.refusal()));
    }
    let holdings = match is_issuer_closed {
        true => None,
        false => tx.holdings_find(key.issued_by, key.tenant).await?,
    };
    let grants = match holdings.map_or_else(|| Err(key.issuer_gone()), |holdings| key.grants(&holdings)) {
        Ok(grants) => grants,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if key.last_used_at.is_none_or(|last| now - last >= TOUCH_EVERY) {
        tx.api_key_touch(key.id, now).await?;
    }
    let rules = tx.factor_rules_find(key.tenant, key.issued_by).await?;
    let step_up = rules.map(|(policy, _)| policy.step_up).unwrap_or_default();
    Ok(Ok(grants.with_factor(FactorStanding { step_up, ..FactorStanding::default() }, now)))
}
