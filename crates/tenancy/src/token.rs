//! Opaque tokens: 256 random bits, shown once and stored as a hash.
//!
//! The caller passes the bits in, like the time: this crate generates no randomness.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::{TenantId, TokenHash};

/// A token that was just created: the only moment at which its text is known.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The text that its owner gets.
    pub text: SecretString,
    /// The hash that is stored.
    pub hash: TokenHash,
}

impl Minted {
    /// The token of an onboarding session, `tzn_…`, from 256 fresh random bits.
    #[must_use]
    pub fn onboarding(bits: [u8; 32]) -> Self {
        Self::new(format!("tzn_{}", URL_SAFE_NO_PAD.encode(bits)))
    }

    /// The token of an invitation, `tzi_<tenant>_…`, from 256 fresh random bits. The token contains the
    /// tenant, because a person who follows the link is not signed in to a tenant yet.
    #[must_use]
    pub fn invitation(tenant: TenantId, bits: [u8; 32]) -> Self {
        Self::new(format!("tzi_{}_{}", tenant.uuid().simple(), URL_SAFE_NO_PAD.encode(bits)))
    }

    fn new(text: String) -> Self {
        let text = SecretString::from(text);
        Self { hash: TokenHash::of(&text), text }
    }
}

/// The tenant in the token of an invitation; `None` for any other text.
#[must_use]
pub fn tenant_of(token: &SecretString) -> Option<TenantId> {
    let (tenant, _) = token.expose_secret().strip_prefix("tzi_")?.split_once('_')?;
    uuid::Uuid::try_parse(tenant).ok().map(TenantId::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_token_is_stored_as_its_hash_and_an_invitation_token_contains_its_tenant() {
        let tenant = TenantId::generate(DateTime::UNIX_EPOCH);
        let minted = Minted::invitation(tenant, [7; 32]);
        assert_eq!(tenant_of(&minted.text), Some(tenant));
        assert_eq!(minted.hash, TokenHash::of(&minted.text));
        let onboarding = Minted::onboarding([7; 32]);
        assert_eq!(onboarding.text.expose_secret().len(), "tzn_".len() + 43, "32 bytes in base64url");
        assert_eq!(tenant_of(&onboarding.text), None);
        assert!(!format!("{minted:?}").contains(&minted.text.expose_secret()[40..]), "never printed");
    }
}
