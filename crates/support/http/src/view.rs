//! A manual override, as staff see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, OverrideId, UserId};
use tryzore_support::{ManualOverride, OverrideStatus};
use tryzore_support_postgres::views::OverrideStepView;
use utoipa::ToSchema;

/// A manual override: what it changes, why, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManualOverrideView {
    /// The id of the override.
    id: OverrideId,
    /// The location that has the data.
    organization_id: OrganizationId,
    /// The kind of what is overridden.
    #[schema(example = "fee")]
    kind: String,
    /// The id of what is overridden.
    #[schema(example = "bkg_0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    target: String,
    /// The person whom the change concerns.
    subject_user_id: Option<UserId>,
    /// The change, as it was proposed.
    #[schema(value_type = Object)]
    change: Value,
    /// The state when it was proposed.
    #[schema(value_type = Object)]
    before: Value,
    /// The state after the change.
    #[schema(value_type = Object)]
    after: Value,
    /// The effects of the change, each a sentence.
    effects: Vec<String>,
    /// Why.
    reason: String,
    /// The status.
    status: OverrideStatus,
    /// Who proposed it, and alone may execute it.
    proposed_by_user_id: UserId,
    /// When it was proposed.
    proposed_at: DateTime<Utc>,
    /// From when on the proposal can't be executed any more.
    expires_at: DateTime<Utc>,
    /// For how many hours the change stays without a confirmation.
    confirm_within_hours: i32,
    /// When it was executed; null before.
    executed_at: Option<DateTime<Utc>>,
    /// From when on the change is taken back unless it is confirmed; null before the execution.
    confirm_by: Option<DateTime<Utc>>,
    /// Who confirmed or reverted it; null also when the product did.
    settled_by_user_id: Option<UserId>,
    /// When it ended; null while it is open.
    settled_at: Option<DateTime<Utc>>,
    /// The code of the refusal that kept the product from taking the change back.
    revert_failure: Option<String>,
    /// The version, which rises with each step.
    version: i32,
}

/// A manual override with its log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManualOverrideDetails {
    #[serde(flatten)]
    of: ManualOverrideView,
    /// Every step, in order. Nobody can change them.
    steps: Vec<OverrideStepView>,
}

impl From<ManualOverride> for ManualOverrideView {
    fn from(it: ManualOverride) -> Self {
        let expires_at = it.expires_at();
        let executed = it.executed.as_ref();
        Self {
            id: it.id,
            organization_id: it.preview.organization,
            subject_user_id: it.preview.subject,
            status: it.status,
            proposed_by_user_id: it.proposed_by,
            proposed_at: it.proposed_at,
            expires_at,
            confirm_within_hours: it.confirm_within_hours,
            executed_at: executed.map(|executed| executed.at),
            confirm_by: executed.map(|executed| executed.confirm_by),
            settled_by_user_id: it.settled.and_then(|settled| settled.by),
            settled_at: it.settled.map(|settled| settled.at),
            version: it.version,
            kind: it.kind,
            target: it.preview.target,
            change: it.change,
            before: it.preview.before,
            after: it.preview.after,
            effects: it.preview.effects,
            reason: it.reason,
            revert_failure: it.failure,
        }
    }
}

impl From<(ManualOverride, Vec<OverrideStepView>)> for ManualOverrideDetails {
    fn from((it, steps): (ManualOverride, Vec<OverrideStepView>)) -> Self {
        Self { of: it.into(), steps }
    }
}
