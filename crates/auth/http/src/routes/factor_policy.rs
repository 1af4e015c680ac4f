//! `/factor-policy`: what the tenant requires of second factors.

use actix_web::{get, put, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    FactorPolicies, FactorPolicy, FactorPolicyForm, set_factor_policy::set_factor_policy as set,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::RoleId;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_web::{Allow, ApiError, Body, Change, Resource};
use utoipa::ToSchema;

/// A permission that requires a recently used factor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepUpRule {
    /// The permission.
    #[schema(example = "financials.process_refund")]
    permission: String,
    /// Within how many minutes a factor must have been used.
    #[schema(minimum = 1, maximum = 1440)]
    within_minutes: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorPolicyBody {
    /// Whether everyone who works at or owns a location needs a factor.
    is_required: bool,
    /// The roles whose holders need a factor, if not everyone does.
    #[schema(max_items = 100)]
    role_ids: Vec<RoleId>,
    /// How many days people have to set one up, from when the rule begins to apply to them.
    #[schema(minimum = 0, maximum = 90)]
    grace_days: i32,
    /// The permissions that require a recently used factor.
    step_up: Vec<StepUpRule>,
}

/// What the tenant requires of second factors.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorPolicyView {
    /// Whether everyone who works at or owns a location needs a factor.
    is_required: bool,
    /// Since when everyone needs one.
    required_since: Option<DateTime<Utc>>,
    /// The roles whose holders need a factor.
    role_ids: Vec<RoleId>,
    /// How many days people have to set one up, from when the rule begins to apply to them.
    grace_days: i32,
    /// The permissions that require a recently used factor.
    step_up: Vec<StepUpRule>,
    /// The version to send in `If-Match`; 0 when the policy was never set.
    version: i32,
    /// When the policy was last changed.
    updated_at: Option<DateTime<Utc>>,
}

impl From<FactorPolicy> for FactorPolicyView {
    fn from(policy: FactorPolicy) -> Self {
        let rule = |(slug, minutes): (&tryzore_rbac::Slug, &u16)| StepUpRule {
            permission: slug.as_str().to_owned(),
            within_minutes: i32::from(*minutes),
        };
        Self {
            is_required: policy.everyone_since.is_some(),
            required_since: policy.everyone_since,
            role_ids: policy.roles.keys().copied().collect(),
            grace_days: policy.grace_days,
            step_up: policy.step_up.rules().iter().map(rule).collect(),
            version: policy.version,
            updated_at: policy.updated_at,
        }
    }
}

impl From<FactorPolicyBody> for FactorPolicyForm {
    fn from(body: FactorPolicyBody) -> Self {
        let FactorPolicyBody { is_required, role_ids, grace_days, step_up } = body;
        let step_up = step_up.into_iter().map(|rule| (rule.permission, rule.within_minutes)).collect();
        Self { is_required, role_ids, grace_days, step_up }
    }
}

/// Get the factor policy
///
/// What your tenant requires of second factors.
#[utoipa::path(
    tag = "second factors",
    responses((status = 200, body = FactorPolicyView)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/factor-policy")]
pub(super) async fn get_factor_policy(
    Allow(permit): Allow<ManageStaff>,
    db: Data<Db>,
) -> Result<Resource<FactorPolicyView>, ApiError> {
    let policy = db.tenant_tx(&permit, async |tx| tx.auth().factor_policy_find().await).await?;
    Ok(Resource(policy.into()))
}

/// Set the factor policy
///
/// Applies at every location, so it requires managing staff at all of them, a second factor of your own, and
/// its use within 5 minutes. A person who needs a factor and has none when the grace ends can use only what is
/// their own, and set one up.
#[utoipa::path(
    tag = "second factors",
    params(Change),
    request_body = FactorPolicyBody,
    responses((status = 200, body = FactorPolicyView)),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!(["auth.factor.none", "auth.factor_policy.beyond_reach"]))
    )
)]
#[put("/factor-policy")]
pub(super) async fn set_factor_policy(
    Allow(permit): Allow<ManageStaff>,
    change: Change,
    Body(body): Body<FactorPolicyBody>,
) -> Result<Resource<FactorPolicyView>, ApiError> {
    let draft = FactorPolicyForm::from(body).check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        set(&permit, &mut tx.auth(), version, draft, now).await.map(FactorPolicyView::from)
    };
    change.done(&permit, edit).await
}
