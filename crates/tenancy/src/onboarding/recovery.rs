//! What a person who comes back to onboarding can do (ONB-07).
//!
//! If an address alone were enough, the answer would tell strangers who is a customer. So the caller needs
//! the token of a session, or must be signed in with a verified address; and for a token whose session has
//! no account yet, the answer is about that session only.

use super::{OnboardingStore, OwnedOrganization, OwnedOrganizations, step::Step};
use crate::{OwnerAccount, OwnerAccounts, TokenHash, UseCaseError, Verified};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use tryzore_kernel::OrganizationId;

/// The recommended action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecoveryAction {
    /// Some open locations have no payments set up and need attention.
    ManualIntervention,
    /// Onboarding is complete: sign in.
    AlreadyOnboarded,
    /// Resume the session at its next step.
    ResumeFromStep,
    /// There is an account without a location and without a session: clean up and start again.
    CleanupAndRetry,
    /// There is nothing to resume: start.
    StartFresh,
}

/// The recommended action, with its details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryOptions {
    /// The recommended action.
    pub action: RecoveryAction,
    /// The step to resume from.
    pub next_step: Option<Step>,
    /// The open locations without payments.
    pub without_payments: Vec<OrganizationId>,
}

/// Who requests recovery.
#[derive(Debug, Clone)]
pub enum Claimant {
    /// The holder of a session token.
    Token(SecretString),
    /// A user with a verified address.
    Verified(Verified),
}

impl RecoveryOptions {
    /// Chooses the action from whether there is an account, its open locations, and the next step of its
    /// live session. Locations without payments come first (ruling (a)).
    #[must_use]
    pub fn decide(has_account: bool, tree: &[OwnedOrganization], session: Option<Step>) -> Self {
        let open = tree.iter().filter(|location| !location.has_payments);
        let without_payments: Vec<_> = open.map(|location| location.organization).collect();
        let action = if !without_payments.is_empty() {
            RecoveryAction::ManualIntervention
        } else if !tree.is_empty() {
            RecoveryAction::AlreadyOnboarded
        } else if session.is_some() {
            RecoveryAction::ResumeFromStep
        } else if has_account {
            RecoveryAction::CleanupAndRetry
        } else {
            RecoveryAction::StartFresh
        };
        let next_step = session.filter(|_| action == RecoveryAction::ResumeFromStep);
        Self { action, next_step, without_payments }
    }
}

/// The recovery options of `claimant`.
///
/// # Errors
/// When the store fails. An unknown token is answered with `start_fresh`: saying that the token is invalid
/// reveals nothing.
pub async fn options<T: OnboardingStore + OwnerAccounts + OwnedOrganizations>(
    tx: &mut T,
    claimant: &Claimant,
    now: DateTime<Utc>,
) -> Result<RecoveryOptions, UseCaseError> {
    let (owner, session) = match claimant {
        Claimant::Token(token) => {
            let session = tx.onboarding_find_by_token(&TokenHash::of(token)).await?;
            let owner = match session.as_ref().and_then(|session| session.account()) {
                Some(account) => tx.owner_lock(account.owner).await?,
                None => None,
            };
            (owner, session.filter(|session| session.check_alive(now).is_ok()))
        }
        Claimant::Verified(verified) => {
            let owner = match tx.owner_lock_by_user(verified.user).await? {
                Some(owner) => Some(owner),
                None => tx.owner_lock_by_email(&verified.email).await?,
            };
            let session = match &owner {
                Some(owner) => tx.onboarding_live_of(owner.id, now).await?,
                None => None,
            };
            (owner, session)
        }
    };
    let tree = match &owner {
        Some(OwnerAccount { id, user: Some(user), .. }) => tx.owned_organizations(*id, *user).await?,
        _ => Vec::new(),
    };
    let step = session.and_then(|session| session.next_step());
    Ok(RecoveryOptions::decide(owner.is_some(), &tree, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;
    use tryzore_kernel::TenantId;

    #[test]
    fn onb_07_locations_without_payments_come_first_and_an_onboarded_owner_signs_in() {
        let location = |has_payments| OwnedOrganization {
            tenant: TenantId::generate(NOW),
            organization: OrganizationId::generate(NOW),
            has_payments,
        };
        let (paid, unpaid) = (location(true), location(false));
        let live = Some(Step::Locations);
        let decide = |account, tree: &[OwnedOrganization], session| {
            let options = RecoveryOptions::decide(account, tree, session);
            (options.action, options.next_step)
        };
        assert_eq!(decide(true, &[paid, unpaid], None), (RecoveryAction::ManualIntervention, None));
        assert_eq!(decide(true, &[unpaid], live), (RecoveryAction::ManualIntervention, None));
        assert_eq!(decide(true, &[paid], None), (RecoveryAction::AlreadyOnboarded, None));
        assert_eq!(decide(true, &[paid], live), (RecoveryAction::AlreadyOnboarded, None));
        assert_eq!(decide(true, &[], live), (RecoveryAction::ResumeFromStep, live));
        assert_eq!(decide(false, &[], live), (RecoveryAction::ResumeFromStep, live));
        assert_eq!(decide(true, &[], None), (RecoveryAction::CleanupAndRetry, None));
        assert_eq!(decide(false, &[], None), (RecoveryAction::StartFresh, None));
        let options = RecoveryOptions::decide(true, &[paid, unpaid], None);
        assert_eq!(options.without_payments, [unpaid.organization]);
    }
}
