//! A manual override: what it changes, who proposed it and why, and how it ends.
//!
//! ```text
//! proposed -> executed -> confirmed
//!    |            |  \--> reverted
//!    |            \-----> revert_failed -> confirmed, reverted
//!    \--> expired
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tryzore_kernel::{
    Denial, FieldErrors, OrganizationId, OverrideId, UserId,
    form::{FormCheck, line, within},
};

/// How long a proposal can be executed: its preview is not true for longer.
pub const EXECUTE_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// The shortest and the longest time within which an override is to be confirmed, in hours.
pub const CONFIRM_HOURS: (i32, i32) = (1, 7 * 24);
/// The time within which an override is to be confirmed, if the proposal says nothing, in hours.
pub const CONFIRM_HOURS_BY_DEFAULT: i32 = 24;

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideForm {
    /// The kind of what is overridden: `booking`, `fee` or `permission`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50, example = "fee"))]
    pub kind: String,
    /// The id of what is overridden, as `search_override_targets` names it.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 100, example = "bkg_0193a5b2c4d67e8f9a0b1c2d3e4f5061")
    )]
    pub target: String,
    /// The change. Its fields depend on the kind.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"action": "waive"})))]
    pub change: Value,
    /// Why: those who manage roles read it.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 10, max_length = 500, example = "The door did not open for the client")
    )]
    pub reason: String,
    /// For how many hours the change stays without a confirmation.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 168, example = 24))]
    pub confirm_within_hours: Option<i32>,
}

/// What a change would do, as the domain that owns the data sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The location that has the data.
    pub organization: OrganizationId,
    /// The target, as its domain writes its id.
    pub target: String,
    /// The person whom the change concerns.
    pub subject: Option<UserId>,
    /// The state now: everything that decides the change.
    pub before: Value,
    /// The state after the change.
    pub after: Value,
    /// The effects, each a plain sentence.
    pub effects: Vec<String>,
}

/// The status of an override.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OverrideStatus {
    /// Nothing has changed yet.
    Proposed,
    /// The change is made and waits for a confirmation.
    Executed,
    /// The change stays.
    Confirmed,
    /// The change was taken back.
    Reverted,
    /// The proposal was not executed in time.
    Expired,
    /// The change could not be taken back by itself: a person has to decide.
    RevertFailed,
}

impl OverrideStatus {
    /// Whether the override still waits for something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Executed | Self::RevertFailed)
    }
}

/// A manual override.
#[derive(Debug, Clone, PartialEq)]
pub struct ManualOverride {
    /// Identifies the override.
    pub id: OverrideId,
    /// The kind of what is overridden.
    pub kind: String,
    /// The change, as it was proposed.
    pub change: Value,
    /// What the change does.
    pub preview: Preview,
    /// Why.
    pub reason: String,
    /// For how many hours the change stays without a confirmation.
    pub confirm_within_hours: i32,
    /// The status.
    pub status: OverrideStatus,
    /// Who proposed it, and alone may execute it.
    pub proposed_by: UserId,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// The execution, once there was one.
    pub executed: Option<Executed>,
    /// Who confirmed or reverted it, and when; nobody when the product did.
    pub settled: Option<Settled>,
    /// The code of the refusal that kept the product from taking the change back.
    pub failure: Option<String>,
    /// Counts the steps.
    pub version: i32,
}

/// The execution of an override.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// When.
    pub at: DateTime<Utc>,
    /// From when on the change is taken back.
    pub confirm_by: DateTime<Utc>,
    /// What the domain needs to take the change back.
    pub undo: Value,
}

/// The end of an override.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The person; `None` for the product itself.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The fields of a proposal that are valid by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    reason: String,
    confirm_within_hours: i32,
}

impl OverrideForm {
    /// Checks what needs no other domain.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn check(&self) -> Result<Checked, FieldErrors> {
        let mut check = FormCheck::default();
        check.take("/kind", line(&self.kind, 1, 50));
        check.take("/target", line(&self.target, 1, 100));
        if !self.change.is_object() {
            check.add("/change", "expected an object");
        }
        let reason = check.take("/reason", line(&self.reason, 10, 500));
        let hours = self.confirm_within_hours.unwrap_or(CONFIRM_HOURS_BY_DEFAULT);
        let hours = check.take("/confirm_within_hours", within(hours, CONFIRM_HOURS.0, CONFIRM_HOURS.1));
        let read = reason.zip(hours);
        check.finish(read.map(|(reason, confirm_within_hours)| Checked { reason, confirm_within_hours }))
    }
}

impl ManualOverride {
    /// The proposal of `by`.
    #[must_use]
    pub fn propose(
        form: OverrideForm,
        checked: Checked,
        preview: Preview,
        by: UserId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: OverrideId::generate(now),
            kind: form.kind,
            change: form.change,
            preview,
            reason: checked.reason,
            confirm_within_hours: checked.confirm_within_hours,
            status: OverrideStatus::Proposed,
            proposed_by: by,
            proposed_at: now,
            executed: None,
            settled: None,
            failure: None,
            version: 1,
        }
    }

    /// When the proposal ends: from then on it can't be executed.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.proposed_at + EXECUTE_WITHIN
    }

    /// Whether the proposal was not executed in time.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.status == OverrideStatus::Proposed && now >= self.expires_at()
    }

    /// Whether the change is to be taken back at `now`, because nobody confirmed it.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.status == OverrideStatus::Executed
            && self.executed.as_ref().is_some_and(|it| now >= it.confirm_by)
    }

    /// Checks that `by` may execute the proposal at `now`.
    ///
    /// # Errors
    /// `support.override.not_proposed`, `support.override.not_proposer`, `support.override.expired`.
    pub fn check_execution(&self, by: UserId, now: DateTime<Utc>) -> Result<(), Denial> {
        if !matches!(self.status, OverrideStatus::Proposed | OverrideStatus::Expired) {
            return Err(Denial::state("support.override.not_proposed")
                .because("override.status", self.status)
                .remedy(
                    "An override is executed once. Propose a new one.",
                    Some("propose_manual_override"),
                ));
        }
        if by != self.proposed_by {
            return Err(Denial::right("support.override.not_proposer")
                .because("override.proposed_by", self.proposed_by)
                .remedy(
                    "Only the person who proposed an override executes it: propose one yourself.",
                    Some("propose_manual_override"),
                ));
        }
        if now >= self.expires_at() || self.status == OverrideStatus::Expired {
            return Err(Denial::state("support.override.expired")
                .because("override.expires_at", self.expires_at())
                .because("now", now)
                .remedy(
                    "A preview is true for a short time only: propose the change again.",
                    Some("propose_manual_override"),
                ));
        }
        Ok(())
    }

    /// Checks that the change would still do what its preview showed.
    ///
    /// # Errors
    /// `support.override.changed`.
    pub fn check_preview(&self, again: &Preview) -> Result<(), Denial> {
        let seen = (&self.preview.before, &self.preview.after, self.preview.organization);
        if (&again.before, &again.after, again.organization) == seen {
            return Ok(());
        }
        Err(Denial::state("support.override.changed")
            .because("state.previewed", &self.preview.before)
            .because("state.now", &again.before)
            .remedy(
                "The state has changed since the preview: look at a new preview.",
                Some("propose_manual_override"),
            ))
    }

    /// The override after its execution at `now`, which `undo` can take back.
    #[must_use]
    pub fn executed(self, undo: Value, now: DateTime<Utc>) -> Self {
        let confirm_by = now + TimeDelta::hours(self.confirm_within_hours.into());
        let executed = Some(Executed { at: now, confirm_by, undo });
        self.moved_to(OverrideStatus::Executed, |it| Self { executed, ..it })
    }

    /// Checks that `by` may confirm the change at `now`, where `others` further people could.
    ///
    /// # Errors
    /// `support.override.not_executed`, `support.override.own_confirmation`,
    /// `support.override.confirmed_too_late`.
    pub fn check_confirmation(&self, by: UserId, others: usize, now: DateTime<Utc>) -> Result<(), Denial> {
        self.check_settling()?;
        if by == self.proposed_by && others > 0 {
            return Err(Denial::right("support.override.own_confirmation")
                .because("override.executed_by", self.proposed_by)
                .because("people.who_may_confirm", others)
                .remedy(
                    "A second person has to confirm what you changed: others at this location may set rules \
                     aside as well, so ask one of them.",
                    Some("list_permission_holders"),
                ));
        }
        if self.is_overdue(now) {
            return Err(Denial::state("support.override.confirmed_too_late")
                .because("override.confirm_by", self.executed.as_ref().map(|it| it.confirm_by))
                .because("now", now)
                .remedy(
                    "The time to confirm is over and the change is being taken back: propose it again.",
                    Some("propose_manual_override"),
                ));
        }
        Ok(())
    }

    /// Checks that there is a change which can be confirmed or taken back.
    ///
    /// # Errors
    /// `support.override.not_executed`.
    pub fn check_settling(&self) -> Result<(), Denial> {
        if matches!(self.status, OverrideStatus::Executed | OverrideStatus::RevertFailed) {
            return Ok(());
        }
        Err(Denial::state("support.override.not_executed")
            .because("override.status", self.status)
            .remedy("Only a change that was made and not settled yet can be settled.", None))
    }

    /// The override after it has ended with `status` at `now`, by a person or by the product.
    #[must_use]
    pub fn settled(self, status: OverrideStatus, by: Option<UserId>, now: DateTime<Utc>) -> Self {
        let settled = Some(Settled { by, at: now });
        self.moved_to(status, |it| Self { settled, failure: None, ..it })
    }

    /// The override after the product could not take the change back, because of a refusal with `code`.
    #[must_use]
    pub fn revert_failed(self, code: impl Into<String>) -> Self {
        let failure = Some(code.into());
        self.moved_to(OverrideStatus::RevertFailed, |it| Self { failure, ..it })
    }

    fn moved_to(self, status: OverrideStatus, change: impl FnOnce(Self) -> Self) -> Self {
        let version = self.version + 1;
        change(Self { status, version, ..self })
    }
}
