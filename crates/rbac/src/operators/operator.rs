//! An operator: a user with a role, overrides and a status.

use crate::{Effect, Pattern, PlatformOverride, PlatformRights, PlatformRole, PlatformSlug, operators::Note};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, UserId};

/// The status of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperatorStatus {
    /// The operator works for the platform.
    Active,
    /// The operator was dismissed and may do nothing. They can be appointed again.
    Dismissed,
}

impl OperatorStatus {
    /// The status as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Someone who works for the platform, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The user.
    pub user: UserId,
    /// The role and the overrides. A dismissed operator has the last role and no overrides.
    pub rights: PlatformRights,
    /// The status.
    pub status: OperatorStatus,
    /// When the operator was appointed, got the role, or was dismissed, whichever was last.
    pub since: DateTime<Utc>,
    /// The operator who did that; `None` for a command of whoever owns the database.
    pub set_by: Option<UserId>,
    /// The reason.
    pub because: String,
    /// Whether the user can sign in.
    pub can_sign_in: bool,
    /// The version, which every change increases.
    pub version: i32,
}

impl Operator {
    /// `user`, appointed for the first time.
    #[must_use]
    pub fn appointed(user: UserId, role: PlatformRole, note: Note) -> Self {
        Self {
            user,
            rights: PlatformRights { role, overrides: Vec::new() },
            status: OperatorStatus::Active,
            since: note.at,
            set_by: Some(note.by),
            because: note.because,
            can_sign_in: true,
            version: 1,
        }
    }

    /// The permissions: none after a dismissal.
    #[must_use]
    pub fn held(&self) -> Vec<PlatformSlug> {
        match self.status {
            OperatorStatus::Active => self.rights.held(),
            OperatorStatus::Dismissed => Vec::new(),
        }
    }

    /// Whether the operator is a super admin who can sign in and of whose permissions nothing was taken.
    #[must_use]
    pub fn is_full_super_admin(&self) -> bool {
        self.rights.role == PlatformRole::SuperAdmin && self.can_sign_in && self.held() == PlatformSlug::ALL
    }

    /// The dismissed operator, appointed again; overrides of before are gone.
    ///
    /// # Errors
    /// `operators.appoint.already` while the operator is active.
    pub fn appointed_again(&self, role: PlatformRole, note: Note) -> Result<Self, Denial> {
        if self.status == OperatorStatus::Active {
            return Err(Denial::state("operators.appoint.already")
                .because("user", self.user)
                .because("operator.role", self.rights.role)
                .remedy("Change the role of the operator instead.", Some("change_operator_role")));
        }
        let again = Self::appointed(self.user, role, note);
        Ok(Self { version: self.next_version(), can_sign_in: self.can_sign_in, ..again })
    }

    /// The operator with `role`; `None` when they have it already.
    ///
    /// # Errors
    /// `operators.dismissed`.
    pub fn with_role(&self, role: PlatformRole, note: Note) -> Result<Option<Self>, Denial> {
        self.check_active()?;
        let rights = PlatformRights { role, overrides: self.rights.overrides.clone() };
        Ok((self.rights.role != role).then(|| Self { rights, ..self.noted(note) }))
    }

    /// The operator with `set`, in place of an override for the same pattern; `None` when nothing changes.
    ///
    /// # Errors
    /// `operators.dismissed`.
    pub fn with_override(&self, set: &PlatformOverride) -> Result<Option<Self>, Denial> {
        self.check_active()?;
        if self.rights.overrides.contains(set) {
            return Ok(None);
        }
        let mut after = self.without(&set.pattern);
        after.rights.overrides.push(set.clone());
        Ok(Some(after))
    }

    /// The operator without the override for `pattern`, and the effect that it had; `None` when there is none.
    ///
    /// # Errors
    /// `operators.dismissed`.
    pub fn without_override(
        &self,
        pattern: &Pattern<PlatformSlug>,
    ) -> Result<Option<(Self, Effect)>, Denial> {
        self.check_active()?;
        let found = self.rights.overrides.iter().find(|o| o.pattern == *pattern);
        Ok(found.map(|o| (self.without(pattern), o.effect)))
    }

    /// The operator after the dismissal; `None` when they were dismissed before.
    #[must_use]
    pub fn dismissed(&self, note: Note) -> Option<Self> {
        let rights = PlatformRights { role: self.rights.role, overrides: Vec::new() };
        (self.status == OperatorStatus::Active).then(|| Self {
            rights,
            status: OperatorStatus::Dismissed,
            ..self.noted(note)
        })
    }

    fn check_active(&self) -> Result<(), Denial> {
        match self.status {
            OperatorStatus::Active => Ok(()),
            OperatorStatus::Dismissed => Err(Denial::state("operators.dismissed")
                .because("user", self.user)
                .because("operator.since", self.since)
                .remedy("Appoint the operator again first.", Some("appoint_operator"))),
        }
    }

    fn without(&self, pattern: &Pattern<PlatformSlug>) -> Self {
        let mut after = Self { version: self.next_version(), ..self.clone() };
        after.rights.overrides.retain(|o| o.pattern != *pattern);
        after
    }

    fn noted(&self, note: Note) -> Self {
        Self {
            since: note.at,
            set_by: Some(note.by),
            because: note.because,
            version: self.next_version(),
            ..self.clone()
        }
    }

    const fn next_version(&self) -> i32 {
        self.version.saturating_add(1)
    }
}
