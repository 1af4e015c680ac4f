//! Shared by the tests of this crate: rows, a fixed clock, and an in-memory store that follows the
//! contracts of the ports.

mod factors;
mod store;

pub(crate) use store::Memory;

use crate::{
    Authorization, AuthorizationRequest, Device, Enrolment, FactorSeal, Identity, IdentityError,
    IdentityProvider, Kept, Membership, Origin, PasswordHash, SealedSecret, Secrets, Session, SignInMethod,
    Successors, TokenHash, User, UserStatus,
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use tryzore_kernel::{FactorId, OrganizationId, SessionId, StoreResult, TenantId, UserId};
use tryzore_rbac::{Actor, Grants, Holdings, OrganizationNode, Permission, Permit};

pub(crate) const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_000_000_000);

/// Secrets that all differ and are predictable.
#[derive(Default)]
pub(crate) struct Counting(AtomicU8);

/// Derives successors by hashing, without a key.
impl Successors for Counting {
    fn successor_derive(&self, presented: &SecretString) -> [u8; 32] {
        *TokenHash::of(&secret(&format!("next {}", presented.expose_secret()))).as_bytes()
    }
    fn successor_derive_former(&self, presented: &SecretString) -> Vec<[u8; 32]> {
        vec![*TokenHash::of(&secret(&format!("former {}", presented.expose_secret()))).as_bytes()]
    }
}

/// Seals by reversing the bytes.
impl FactorSeal for Counting {
    fn factor_seal(&self, _: FactorId, secret: &[u8]) -> StoreResult<SealedSecret> {
        Ok(SealedSecret { with: "test".into(), bytes: secret.iter().rev().copied().collect() })
    }
    fn factor_open(&self, _: FactorId, sealed: &SealedSecret) -> StoreResult<SecretBox<[u8]>> {
        Ok(SecretBox::new(sealed.bytes.iter().rev().copied().collect()))
    }
}

impl Secrets for Counting {
    fn secret_generate(&self) -> StoreResult<[u8; 32]> {
        Ok([self.0.fetch_add(1, Ordering::Relaxed); 32])
    }
}

pub(crate) fn hash(byte: u8) -> TokenHash {
    TokenHash::from([byte; 32])
}

pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

pub(crate) fn user() -> User {
    User {
        status: UserStatus::Active,
        email_verified_at: Some(NOW),
        ..User::new("ada@example.com".parse().unwrap(), "Ada".into(), None, NOW)
    }
}

pub(crate) fn origin() -> Origin {
    Origin { ip: Some([10, 0, 0, 1].into()), device: Device::new(Some("phone".into()), None, None) }
}

pub(crate) fn session() -> Session {
    Session {
        id: SessionId::generate(NOW),
        user: UserId::generate(NOW),
        tenant: TenantId::generate(NOW),
        organization: None,
        origin: origin(),
        provider_session: None,
        created_at: NOW,
        last_active: NOW,
        expires_at: NOW + TimeDelta::days(30),
        revoked: None,
        factor: None,
        acting: None,
    }
}

pub(crate) fn membership() -> Membership {
    Membership {
        tenant: TenantId::generate(NOW),
        name: "Iron Works".into(),
        last_used_at: None,
        last_organization: None,
        home: None,
    }
}

/// The holdings of an owner of two locations.
pub(crate) fn owner() -> (Holdings, [OrganizationId; 2]) {
    let at = [(); 2].map(|()| OrganizationId::generate(NOW));
    let tree = at.map(|organization| OrganizationNode { organization, parent: None });
    let assignment = tryzore_rbac::Assignment {
        role: tryzore_kernel::RoleId::generate(NOW),
        name: "Enterprise Owner".into(),
        patterns: vec!["*".parse().unwrap()],
        scope: tryzore_rbac::Scope::Owned,
    };
    let holdings = Holdings {
        tree: tree.to_vec(),
        owned: at.to_vec(),
        assignments: vec![assignment],
        ..Holdings::default()
    };
    (holdings, at)
}

/// A permit for `session` with `holdings`.
pub(crate) fn permit<P: Permission>(session: &Session, holdings: &Holdings) -> Permit<P> {
    let actor = Actor::User { user: session.user, session: session.id };
    let grants: Arc<Grants> = Grants::compile(actor, session.tenant, session.organization, holdings);
    grants.permit().unwrap()
}

/// A provider that compares with the stored "hash" `plain:<password>`, or that has users of its own.
#[derive(Default)]
pub(crate) struct Provider {
    pub(crate) error: Option<IdentityError>,
    pub(crate) identity: Option<Identity>,
}

impl IdentityProvider for Provider {
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        kept: Option<&PasswordHash>,
        _: &Origin,
    ) -> Result<Identity, IdentityError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if let Some(identity) = &self.identity {
            return Ok(identity.clone());
        }
        match method {
            SignInMethod::Password { email, password }
                if kept
                    .is_some_and(|kept| kept.as_str() == format!("plain:{}", password.expose_secret())) =>
            {
                Ok(Identity {
                    subject: None,
                    email: email.clone(),
                    email_verified: true,
                    name: None,
                    provider_session: None,
                    authentication_method: Some("password".into()),
                    rehashed: None,
                })
            }
            _ => Err(IdentityError::Rejected),
        }
    }

    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let _ = whom;
        let hash = PasswordHash::new(format!("plain:{}", password.expose_secret()));
        Ok(Kept { subject: None, hash: Some(hash) })
    }

    async fn provider_session_end(&self, _: &str) -> Result<(), IdentityError> {
        Ok(())
    }

    fn authorization_start(&self, _: AuthorizationRequest) -> Result<Authorization, IdentityError> {
        Err(IdentityError::Unsupported)
    }
}
