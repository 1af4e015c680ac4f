//! What someone who comes back can do (ONB-07).
//!
//! Asked with an address alone, this would tell strangers who is a customer. So it is asked with a
//! session's token, or by someone who is signed in with a proven address; and a token whose session
//! has no account yet is told about that session only.

use super::{OnboardingStore, OwnedOrganization, OwnedOrganizations, step::Step};
use crate::{OwnerAccount, OwnerAccounts, TokenHash, UseCaseError, Verified};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use tryzore_kernel::OrganizationId;

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecoveryAction {
    /// Locations are open whose payments are not set up: to be looked at.
    ManualIntervention,
    /// All is done: sign in.
    AlreadyOnboarded,
    /// Go on where the session was left.
    ResumeFromStep,
    /// There is an account without a location and without a session: clear away and start again.
    CleanupAndRetry,
    /// Nothing is there: start.
    StartFresh,
}

/// What can be done, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryOptions {
    /// What can be done.
    pub action: RecoveryAction,
    /// The step to resume from.
    pub next_step: Option<Step>,
    /// The open locations without payments.
    pub without_payments: Vec<OrganizationId>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Claimant {
    /// Whoever holds the token of a session.
    Token(SecretString),
    /// Someone whose address is proven.
    Verified(Verified),
}

impl RecoveryOptions {
    /// What can be done with an account (or none), its open locations, and the next step of its
    /// live session. Locations without payments come first (ruling (a)).
    #[must_use]
    pub fn decide(has_account: bool, tree: &[OwnedOrganization], session: Option<Step>) -> Self {
        let open = tree.iter().filter(|place| !place.has_payments);
        let without_payments: Vec<_> = open.map(|place| place.organization).collect();
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

/// What `claimant` can do.
///
/// # Errors
/// When the store fails. A token of no session is told to start fresh: it is no secret that it is
/// of no use.
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
        let place = |has_payments| OwnedOrganization {
            tenant: TenantId::generate(NOW),
            organization: OrganizationId::generate(NOW),
            has_payments,
        };
        let (paid, unpaid) = (place(true), place(false));
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
