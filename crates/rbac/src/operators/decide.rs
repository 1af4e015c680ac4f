//! The rules of every change of an operator.
//!
//! A change is decided from rows that are locked: the operator who acts, the one who is changed, and every super
//! admin. So of two super admins who dismiss each other at once, the second finds themselves dismissed.

use crate::{
    PlatformPermission, PlatformPermit, PlatformSlug,
    operators::{Operator, OperatorStatus, Operators, UseCaseError},
    platform::{ManageOperators, lacking, not_an_operator},
};
use tryzore_kernel::{Command, DecisionContext, Denial, Journal, UserId};

/// An operator before a change and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Before; `None` for someone who was never an operator.
    pub before: Option<Operator>,
    /// After; `None` when nothing changes.
    pub after: Option<Operator>,
}

impl Changed {
    /// The operator before and after the change, if the caller has read `version`; `None` when nothing changes.
    ///
    /// # Errors
    /// [`UseCaseError::Stale`].
    pub(super) fn of(&self, version: i32) -> Result<Option<(&Operator, &Operator)>, UseCaseError> {
        match (&self.before, &self.after) {
            (Some(before), Some(_)) if before.version != version => Err(UseCaseError::Stale),
            (before, after) => Ok(before.as_ref().zip(after.as_ref())),
        }
    }

    /// The operator whom nothing changed about.
    ///
    /// # Errors
    /// [`UseCaseError::NotFound`] for someone who is none.
    pub(super) fn unchanged(self) -> Result<Operator, UseCaseError> {
        self.before.ok_or(UseCaseError::NotFound("operator"))
    }
}

/// Locks the operators that a change of `target` is decided from, and decides about what `alter` makes of the
/// target. `touched` are permissions that the change is about, whether the target holds them or not. A refusal is
/// recorded as a decision of `command`.
pub(super) async fn change<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    command: Command,
    target: UserId,
    touched: &[PlatformSlug],
    alter: impl FnOnce(Option<&Operator>) -> Result<Option<Operator>, UseCaseError>,
) -> Result<Changed, UseCaseError> {
    let locked = tx.operators_lock([permit.user(), target]).await?;
    let decided = decide(permit.user(), &locked, target, touched, alter);
    tx.record_if_denied(DecisionContext::new(command, target, None).about(target), decided)
}

/// Decides whether `actor` may make of `target` what `alter` makes of it, where `locked` are both of them and every
/// super admin.
///
/// # Errors
/// `rbac.operator.required` and `rbac.permission.missing` for an actor who has lost the right meanwhile;
/// `operators.own`; the error of `alter`; `rbac.give.exceeds_own`; `operators.last_super_admin`.
pub fn decide(
    actor: UserId,
    locked: &[Operator],
    target: UserId,
    touched: &[PlatformSlug],
    alter: impl FnOnce(Option<&Operator>) -> Result<Option<Operator>, UseCaseError>,
) -> Result<Changed, UseCaseError> {
    let of = |user: UserId| locked.iter().find(|operator| operator.user == user);
    let acting = of(actor).filter(|operator| operator.status == OperatorStatus::Active);
    let held = acting.ok_or_else(|| not_an_operator(Some(actor)))?.held();
    if !held.contains(&ManageOperators::SLUG) {
        return Err(lacking(ManageOperators::SLUG).into());
    }
    if actor == target {
        return Err(Denial::right("operators.own")
            .because("user", actor)
            .remedy("Ask another operator who manages operators.", Some("list_operators"))
            .into());
    }
    let before = of(target).cloned();
    let after = alter(before.as_ref())?;
    let involved = [before.as_ref(), after.as_ref()].into_iter().flatten().flat_map(Operator::held);
    check_holding(&held, involved.chain(touched.iter().copied()))?;
    if let Some(after) = &after {
        check_last_super_admin(locked, before.as_ref(), after)?;
    }
    Ok(Changed { before, after })
}

// The same rule as for roles of tenants: without it, whoever manages operators could appoint a second user of
// their own as super admin, and take from others what they do not have themselves.
fn check_holding(held: &[PlatformSlug], involved: impl Iterator<Item = PlatformSlug>) -> Result<(), Denial> {
    let mut missing: Vec<_> = involved.filter(|slug| !held.contains(slug)).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<_> = missing.into_iter().map(PlatformSlug::as_str).collect();
    Err(Denial::right("rbac.give.exceeds_own")
        .because("permissions.missing", missing)
        .remedy("Ask an operator who holds these permissions to do it.", Some("list_operators")))
}

fn check_last_super_admin(
    locked: &[Operator],
    before: Option<&Operator>,
    after: &Operator,
) -> Result<(), Denial> {
    let was_full = before.is_some_and(Operator::is_full_super_admin);
    let another = || locked.iter().any(|other| other.user != after.user && other.is_full_super_admin());
    if !was_full || after.is_full_super_admin() || another() {
        return Ok(());
    }
    Err(Denial::state("operators.last_super_admin")
        .because("user", after.user)
        .because("super_admins.others", 0)
        .remedy("Appoint another super admin first.", Some("appoint_operator")))
}
