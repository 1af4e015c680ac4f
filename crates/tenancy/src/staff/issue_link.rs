//! The mailer gets the link of an invitation, in the moment in which it sends it.

use super::Invitations;
use crate::{Minted, UseCaseError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Email, InvitationId};
use tryzore_rbac::{Permit, catalogue::ManageStaff};

/// What the mail carries and where it goes.
#[derive(Debug, Clone)]
pub struct InvitationLink {
    /// Where the mail goes.
    pub email: Email,
    /// What the person is called.
    pub name: String,
    /// The token that the link carries; told once.
    pub token: SecretString,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

/// A new link for the invitation `id`; the one before works no more. `bits` are 256 fresh random
/// bits.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `staff.invitation.*` when there is
/// nothing to send any more.
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
