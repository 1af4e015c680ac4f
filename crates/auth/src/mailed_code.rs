//! Having the provider mail a code to sign in with.
//!
//! The answer is the same for every address, and so is the work: the mail is counted, and the provider is
//! asked, which knows its users itself.

use crate::{
    IdentityProvider, LoginAttempts, Origin, Refusal, Settled, login::provider_refusal, register::count_mail,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Email;

/// The provider was asked to mail a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent;

/// Counts a mail with a code to `email`.
///
/// # Errors
/// Inner: `auth.mail.locked`.
pub async fn admit<T: LoginAttempts>(
    tx: &mut T,
    email: &Email,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Settled<()> {
    count_mail(tx, email, origin.ip, now).await
}

/// Has the provider mail a code to `email`. This is slow: do not call it inside a transaction.
///
/// # Errors
/// `auth.provider.throttled`, or that the provider is unavailable.
pub async fn send(provider: &impl IdentityProvider, email: &Email, origin: &Origin) -> Result<Sent, Refusal> {
    provider.mailed_code_send(email, origin).await.map(|()| Sent).map_err(provider_refusal)
}
