//! The keys with which this process signs and verifies access tokens.
//!
//! The keys are stored encrypted in the database, the same for every process. Each process has a snapshot
//! and loads it again at least every [`RELOAD_EVERY`]; a process that loads the keys when a rotation is due
//! rotates them. A token with a key that is not in the snapshot causes a load at once, but not more often
//! than every [`UNKNOWN_EVERY`]: made-up key names must not cause queries.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::sleep};
use tryzore_auth::{AccessTokens, Claims, SigningKeys, ports::TokenError};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_provider_jwt::{
    JwtSigner, KeyRing, RingError, SealError, SealingKey, SealingKeys, SuccessorKeys, TokenSettings,
    ring::KeySet,
    rotate_when_due,
    rotation::{RELOAD_EVERY, ROTATE_EVERY, RotationError},
};
use tryzore_web::settings::AuthSettings;

/// How often tokens with unknown keys may cause the keys to be loaded.
pub const UNKNOWN_EVERY: TimeDelta = TimeDelta::seconds(10);

/// Why the signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The setting is not 32 bytes in base64.
    #[error("auth.key_encryption_key: expected 32 bytes in base64 (`openssl rand -base64 32`)")]
    KeyEncryptionKey,
    /// The stored keys cannot be decrypted with the setting.
    #[error("the signing keys cannot be decrypted with auth.key_encryption_key or a former one")]
    Ring(#[from] RingError),
    /// A key cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error("the signing keys cannot be read")]
    Database(#[from] Problem),
}

/// Signs and verifies access tokens for this process.
pub struct Signing {
    db: Db,
    sealing: SealingKeys,
    signer: JwtSigner,
    issuer: String,
    read_at: Mutex<DateTime<Utc>>,
}

impl Signing {
    /// Loads the keys; creates the first ones if there are none.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn open(db: Db, settings: &AuthSettings) -> Result<Self, SigningError> {
        let keys = std::iter::once(&settings.key_encryption_key).chain(&settings.former_key_encryption_keys);
        let sealing = SealingKeys::try_new(keys.map(sealing_key).collect::<Result<_, _>>()?)?;
        let now = db.clock().now();
        let ring = rotate_and_read(&db, &sealing, now).await?;
        let token = TokenSettings { issuer: settings.issuer.clone(), audience: settings.audience.clone() };
        let (signer, issuer) = (JwtSigner::new(ring, token), settings.issuer.clone());
        Ok(Self { signer, issuer, db, sealing, read_at: Mutex::new(now) })
    }

    /// Signs a token with `claims`.
    ///
    /// # Errors
    /// [`TokenError::NoKey`].
    pub fn sign(&self, claims: &Claims) -> Result<SecretString, TokenError> {
        self.signer.access_token_sign(claims)
    }

    /// The claims of `token`, if it was signed by this product and has not expired at `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        match self.signer.access_token_verify(token, now) {
            Err(TokenError::UnknownKey) => {
                self.read_again(now).await;
                self.signer.access_token_verify(token, now)
            }
            known => known,
        }
    }

    /// Encrypts the secrets of second factors.
    #[must_use]
    pub const fn factor_seal(&self) -> &SealingKeys {
        &self.sealing
    }

    /// The issuer, `iss` of access tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys with which others verify tokens.
    #[must_use]
    pub fn key_set(&self, now: DateTime<Utc>) -> KeySet {
        self.signer.key_set(now)
    }

    /// Rotates the keys if a rotation is due, and loads them again.
    ///
    /// # Errors
    /// [`SigningError`]; the snapshot then stays as it was.
    pub async fn renew(&self) -> Result<(), SigningError> {
        let mut read_at = self.read_at.lock().await;
        let now = self.db.clock().now();
        self.signer.ring_replace(rotate_and_read(&self.db, &self.sealing, now).await?);
        *read_at = now;
        Ok(())
    }

    /// Renews at least every [`RELOAD_EVERY`], for as long as the future is polled.
    pub async fn keep(self: Arc<Self>) {
        // Well within the time on which a rotation relies.
        let pause = RELOAD_EVERY.to_std().unwrap_or(Duration::from_secs(600)) / 2;
        loop {
            sleep(pause).await;
            if let Err(error) = self.renew().await {
                tracing::error!(%error, "the signing keys could not be loaded again");
            }
        }
    }

    async fn read_again(&self, now: DateTime<Utc>) {
        let mut read_at = self.read_at.lock().await;
        if now - *read_at < UNKNOWN_EVERY {
            return;
        }
        *read_at = now;
        match read(&self.db, &self.sealing).await {
            Ok(ring) => self.signer.ring_replace(ring),
            Err(error) => tracing::error!(%error, "the signing keys could not be loaded for an unknown key"),
        }
    }
}

// The name is derived from the key, so that two keys never have the same name.
fn sealing_key(text: &SecretString) -> Result<SealingKey, SigningError> {
    let bytes = key_bytes(text)?;
    let digest = Sha256::digest(bytes.expose_secret());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    SealingKey::try_new(name, &bytes).map_err(|_| SigningError::KeyEncryptionKey)
}

fn key_bytes(text: &SecretString) -> Result<SecretBox<[u8]>, SigningError> {
    let bytes = STANDARD.decode(text.expose_secret()).map_err(|_| SigningError::KeyEncryptionKey)?;
    Ok(SecretBox::new(bytes.into()))
}

/// The keys that derive successors of refresh tokens, from `settings`.
///
/// # Errors
/// [`SigningError::KeyEncryptionKey`].
pub fn successor_keys(settings: &AuthSettings) -> Result<SuccessorKeys, SigningError> {
    let former = settings.former_key_encryption_keys.iter().map(key_bytes).collect::<Result<Vec<_>, _>>()?;
    Ok(SuccessorKeys::new(&key_bytes(&settings.key_encryption_key)?, &former))
}

async fn rotate_and_read(
    db: &Db,
    sealing: &SealingKeys,
    now: DateTime<Utc>,
) -> Result<KeyRing, SigningError> {
    db.auth_tx(async |tx| {
        rotate_when_due(&mut tx.auth(), sealing, ROTATE_EVERY, now).await.map_err(|error| match error {
            RotationError::Store(error) => Problem::from(error),
            RotationError::Seal(error) => {
                Problem::internal(format!("a new signing key could not be sealed: {error}"))
            }
        })
    })
    .await?;
    read(db, sealing).await
}

async fn read(db: &Db, sealing: &SealingKeys) -> Result<KeyRing, SigningError> {
    let keys = db.auth_tx(async |tx| tx.auth().signing_key_list().await).await?;
    Ok(KeyRing::open(&keys, sealing)?)
}
