//! Issuing the link of an invitation, at the moment when the mailer sends it.

use super::Invitations;
use crate::{Minted, UseCaseError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Email, InvitationId};
use tryzore_rbac::{Permit, catalogue::ManageStaff};

/// The link of an invitation, and the recipient of its mail.
#[derive(Debug, Clone)]
pub struct InvitationLink {
    /// The address that the mail goes to.
    pub email: Email,
    /// The name of the invited person.
    pub name: String,
    /// The token in the link, which is shown only this once.
    pub token: SecretString,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Issues a new link for the invitation `id`; the previous link is no longer valid. `bits` are 256 fresh
/// random bits.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `staff.invitation.*` when the invitation is no
/// longer pending.
pub async fn issue_link<T: Invitations>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
    bits: [u8; 32],
    now: DateTime<Utc>,
) -> Result<InvitationLink, UseCaseError> {
    let invitation = tx.invitation_lock(id).await?.ok_or(UseCaseError::NotFound("invitation"))?;
    let minted = Minted::invitation(permit.tenant(), bits);
    let linked = invitation.link(minted.hash, now)?;
    tx.invitation_update(&linked).await?;
    Ok(InvitationLink {
        email: linked.email,
        name: linked.name,
        token: minted.text,
        expires_at: linked.expires_at,
    })
}
