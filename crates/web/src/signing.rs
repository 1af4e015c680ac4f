//! The keys that this process signs and verifies access tokens with.
//!
//! They lie sealed in the database, the same for every process. Each process holds a snapshot and
//! reads it anew at least every [`RELOAD_EVERY`]; whichever reads when a rotation is due makes it. A token
//! that names a key that is not in the snapshot makes it read at once, but not more often than every
//! [`UNKNOWN_EVERY`]: made-up names must not make us ask the database.

use crate::settings::AuthSettings;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, task::JoinHandle, time::sleep};
use tryzore_auth::{AccessTokens, Claims, SigningKeys, ports::TokenError};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_provider_jwt::{
    JwtSigner, KeyRing, RingError, SealError, SealingKey, SealingKeys, TokenSettings,
    ring::KeySet,
    rotate_when_due,
    rotation::{RELOAD_EVERY, ROTATE_EVERY, RotationError},
};

/// How often names of keys that are not known make us read the keys.
pub const UNKNOWN_EVERY: TimeDelta = TimeDelta::seconds(10);

/// Why there is nothing to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The setting is not 32 bytes in base64.
    #[error("auth.key_encryption_key: expected 32 bytes in base64 (`openssl rand -base64 32`)")]
    KeyEncryptionKey,
    /// The stored keys do not open with it.
    #[error("the signing keys do not open with auth.key_encryption_key or a former one")]
    Ring(#[from] RingError),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database.
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
    /// Reads the keys; makes the first ones when there are none.
    ///
    /// # Errors
    /// [`SigningError`].
    pub async fn open(db: Db, settings: &AuthSettings) -> Result<Self, SigningError> {
        let keys = std::iter::once(&settings.key_encryption_key).chain(&settings.former_key_encryption_keys);
        let sealing = SealingKeys::try_new(keys.map(sealing_key).collect::<Result<_, _>>()?)?;
        let now = db.clock().now();
        let ring = turn(&db, &sealing, now).await?;
        let token = TokenSettings { issuer: settings.issuer.clone(), audience: settings.audience.clone() };
        let (signer, issuer) = (JwtSigner::new(ring, token), settings.issuer.clone());
        Ok(Self { signer, issuer, db, sealing, read_at: Mutex::new(now) })
    }

    /// The token that says `claims`.
    ///
    /// # Errors
    /// [`TokenError::NoKey`].
    pub fn sign(&self, claims: &Claims) -> Result<SecretString, TokenError> {
        self.signer.access_token_sign(claims)
    }

    /// What `token` says, if it is ours and its time is not over at `now`.
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

    /// Who signs: `iss` of access tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What others verify with.
    #[must_use]
    pub fn key_set(&self, now: DateTime<Utc>) -> KeySet {
        self.signer.key_set(now)
    }

    /// Rotates when that is due, and reads the keys anew.
    ///
    /// # Errors
    /// [`SigningError`]; the keys that were known stay so.
    pub async fn renew(&self) -> Result<(), SigningError> {
        let mut read_at = self.read_at.lock().await;
        let now = self.db.clock().now();
        self.signer.ring_replace(turn(&self.db, &self.sealing, now).await?);
        *read_at = now;
        Ok(())
    }

    /// Renews every [`RELOAD_EVERY`] until the task is aborted.
    pub fn keep(self: &Arc<Self>) -> JoinHandle<()> {
        let signing = Arc::clone(self);
        // Well within the time that a rotation relies on.
        let pause = RELOAD_EVERY.to_std().unwrap_or(Duration::from_secs(600)) / 2;
        tokio::spawn(async move {
            loop {
                sleep(pause).await;
                if let Err(error) = signing.renew().await {
                    tracing::error!(%error, "the signing keys could not be read anew");
                }
            }
        })
    }

    async fn read_again(&self, now: DateTime<Utc>) {
        let mut read_at = self.read_at.lock().await;
        if now - *read_at < UNKNOWN_EVERY {
            return;
        }
        *read_at = now;
        match read(&self.db, &self.sealing).await {
            Ok(ring) => self.signer.ring_replace(ring),
            Err(error) => tracing::error!(%error, "the signing keys could not be read for an unknown one"),
        }
    }
}

// Named after itself, so that no name ever stands for two keys.
fn sealing_key(text: &SecretString) -> Result<SealingKey, SigningError> {
    let bytes = STANDARD.decode(text.expose_secret()).map_err(|_| SigningError::KeyEncryptionKey)?;
    let digest = Sha256::digest(&bytes);
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    SealingKey::try_new(name, &SecretBox::new(bytes.into())).map_err(|_| SigningError::KeyEncryptionKey)
}

async fn turn(db: &Db, sealing: &SealingKeys, now: DateTime<Utc>) -> Result<KeyRing, SigningError> {
    db.auth_tx(async |tx| {
        rotate_when_due(tx, sealing, ROTATE_EVERY, now).await.map_err(|error| match error {
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
    let keys = db.auth_tx(async |tx| tx.signing_key_list().await).await?;
    Ok(KeyRing::open(&keys, sealing)?)
}
