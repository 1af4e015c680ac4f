//! Implements the port; hashes run outside of the async threads and never use all cores.
//!
//! A hash takes tens of milliseconds of a core and 19 MiB. Hashes run on the blocking threads, at most
//! [`Settings::at_once`] at the same time; a sign-in that waits longer than [`Settings::patience`] is
//! refused as unavailable. So a storm of sign-ins slows down sign-ins only. A permit is returned when its
//! hash is finished, even if the caller no longer waits for it.

use crate::{
    hasher::{Comparison, Hasher, Pepper},
    policy,
};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tryzore_auth::{
    Authorization, AuthorizationRequest, Enrolment, Identity, IdentityError, IdentityProvider, Kept, Origin,
    PasswordHash, SignInMethod,
};

/// The settings of hashing.
#[derive(Debug)]
pub struct Settings {
    /// The maximum number of concurrent hashes; at least one. Half the number of cores is a good value.
    pub at_once: usize,
    /// How long a sign-in waits until its hash may start.
    pub patience: Duration,
    /// The peppers: the first is for new hashes, the others are for comparisons with old hashes.
    pub peppers: Vec<Pepper>,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { at_once: cores.div_ceil(2), patience: Duration::from_secs(5), peppers: Vec::new() }
    }
}

/// Authenticates people by passwords.
#[derive(Debug, Clone)]
pub struct PasswordProvider {
    hasher: Arc<Hasher>,
    seats: Arc<Semaphore>,
    patience: Duration,
    // The hash for comparisons if no hash is stored, so that the work is the same.
    nobody: PasswordHash,
}

impl PasswordProvider {
    /// Creates a provider; this computes one hash.
    ///
    /// # Errors
    /// [`IdentityError::Broken`] if the operating system provides no random bits.
    pub fn try_new(settings: Settings) -> Result<Self, IdentityError> {
        let hasher = Hasher::new(settings.peppers);
        let nobody = hasher.hash(&SecretString::from("nobody has this password".to_owned()))?;
        Ok(Self {
            hasher: Arc::new(hasher),
            seats: Arc::new(Semaphore::new(settings.at_once.max(1))),
            patience: settings.patience,
            nobody,
        })
    }

    async fn seated<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> Result<R, IdentityError> + Send + 'static,
    ) -> Result<R, IdentityError> {
        let busy = || IdentityError::Unavailable("too many sign-ins at once".to_owned());
        let seat = tokio::time::timeout(self.patience, Arc::clone(&self.seats).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|_| busy())?;
        let hasher = Arc::clone(&self.hasher);
        let hashed = tokio::task::spawn_blocking(move || {
            let _seat = seat;
            work(&hasher)
        });
        hashed.await.map_err(|error| IdentityError::Broken(format!("hashing: {error}")))?
    }
}

impl IdentityProvider for PasswordProvider {
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        kept: Option<&PasswordHash>,
        _: &Origin,
    ) -> Result<Identity, IdentityError> {
        let SignInMethod::Password { email, password } = method else {
            return Err(IdentityError::Unsupported);
        };
        let is_someone = kept.is_some();
        let kept = kept.unwrap_or(&self.nobody).clone();
        let password = policy::normalize(password);
        let rehashed = self
            .seated(move |hasher| match hasher.compare(&password, &kept)? {
                Comparison::Right if is_someone => Ok(None),
                Comparison::RightAndOld if is_someone => hasher.hash(&password).map(Some),
                _ => Err(IdentityError::Rejected),
            })
            .await?;
        Ok(Identity {
            subject: None,
            email: email.clone(),
            // Only a person who has proven the mailbox can set a password.
            email_verified: true,
            name: None,
            provider_session: None,
            authentication_method: Some("password".into()),
            rehashed,
        })
    }

    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError> {
        let password = policy::normalize(password);
        policy::check(&password, &whom.email).map_err(IdentityError::WeakPassword)?;
        let hash = self.seated(move |hasher| hasher.hash(&password)).await?;
        // The id of the user at WorkOS, if there is one, stays unchanged.
        Ok(Kept { subject: None, hash: Some(hash) })
    }

    async fn provider_session_end(&self, _: &str) -> Result<(), IdentityError> {
        Ok(())
    }

    fn authorization_start(&self, _: AuthorizationRequest) -> Result<Authorization, IdentityError> {
        Err(IdentityError::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn ada() -> Enrolment {
        Enrolment { email: "ada@example.com".parse().unwrap(), name: "Ada".into(), subject: None }
    }

    fn provider(settings: Settings) -> PasswordProvider {
        PasswordProvider::try_new(settings).unwrap()
    }

    async fn present(
        provider: &PasswordProvider,
        password: &str,
        kept: Option<&PasswordHash>,
    ) -> Result<Identity, IdentityError> {
        let method = SignInMethod::Password { email: ada().email, password: secret(password) };
        provider.identity_authenticate(&method, kept, &Origin::default()).await
    }

    #[tokio::test]
    async fn accepts_the_chosen_password_and_no_other() {
        let provider = provider(Settings::default());
        let kept = provider.identity_enrol(&ada(), &secret("caf\u{e9} lungo")).await.unwrap().hash.unwrap();
        let identity = present(&provider, "cafe\u{301} lungo", Some(&kept)).await.unwrap();
        assert_eq!((identity.email, identity.email_verified, identity.rehashed), (ada().email, true, None));
        assert_eq!(present(&provider, "cafe lungo", Some(&kept)).await, Err(IdentityError::Rejected));
        assert_eq!(present(&provider, "caf\u{e9} lungo", None).await, Err(IdentityError::Rejected));
    }

    #[tokio::test]
    async fn the_placeholder_password_signs_nobody_in() {
        let provider = provider(Settings::default());
        let answer = present(&provider, "nobody has this password", None).await;
        assert_eq!(answer, Err(IdentityError::Rejected));
    }

    #[tokio::test]
    async fn an_old_hash_is_replaced_when_its_owner_signs_in() {
        let old = Hasher::new(Vec::new()).hash(&secret("correct horse")).unwrap();
        let pepper = Pepper::try_new("2026", vec![7; 32]).unwrap();
        let provider = provider(Settings { peppers: vec![pepper], ..Settings::default() });
        let new = present(&provider, "correct horse", Some(&old)).await.unwrap().rehashed.unwrap();
        assert!(new.as_str().contains("keyid="));
        assert_eq!(present(&provider, "correct horse", Some(&new)).await.unwrap().rehashed, None);
    }

    #[tokio::test]
    async fn a_weak_password_is_refused_with_the_rule() {
        let refused = provider(Settings::default()).identity_enrol(&ada(), &secret("short")).await;
        assert_eq!(refused, Err(IdentityError::WeakPassword("8 to 128 characters; this has 5".into())));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_hash_waits_for_its_turn_and_is_refused_after_too_long() {
        let provider =
            provider(Settings { at_once: 1, patience: Duration::from_millis(50), peppers: Vec::new() });
        // The only permit is in use until the channel releases it.
        let (free, wait) = std::sync::mpsc::channel::<()>();
        let taken = {
            let provider = provider.clone();
            tokio::spawn(async move {
                provider.seated(move |_| wait.recv().map_err(|_| IdentityError::Rejected)).await
            })
        };
        let seated = async {
            while provider.seats.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), seated).await.expect("it is taken");
        let refused = present(&provider, "correct horse", None).await;
        assert_eq!(refused, Err(IdentityError::Unavailable("too many sign-ins at once".into())));
        // The caller stops waiting; the permit stays in use as long as the hash runs.
        taken.abort();
        assert!(taken.await.unwrap_err().is_cancelled());
        assert_eq!(provider.seats.available_permits(), 0);
        free.send(()).unwrap();
        let seat = provider.seats.acquire().await.unwrap();
        drop(seat);
        assert_eq!(present(&provider, "correct horse", None).await, Err(IdentityError::Rejected));
    }
}
