//! The answers of onboarding (ONB-04), also for a refused step.

use super::step::{DetailsBody, LocationsBody};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, body::MessageBody, http::header};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, Problem, TenantId};
use tryzore_tenancy::{
    FieldErrors,
    onboarding::{Completion, OnboardingSession, Progress, StepResponse},
};
use tryzore_web::ApiError;
use utoipa::ToSchema;

/// The state of onboarding after a step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepView {
    /// Whether the step was accepted.
    success: bool,
    /// The next step: `details`, `account`, `locations`, `complete` or `payments`.
    next_step: tryzore_tenancy::onboarding::Step,
    /// The token of the session for the next step. It is a secret: whoever has it can continue.
    #[schema(example = "tzn_…")]
    session_token: String,
    /// Whether the step before `next_step` can be submitted again.
    can_go_back: bool,
    /// Whether `next_step` can be skipped for now.
    can_skip: bool,
}

/// A session, and the answers so far.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnboardingView {
    #[serde(flatten)]
    step: StepView,
    /// The progress: `account_created`, `organization_pending` or `complete`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::OnboardingProgress)]
    current_step: &'static str,
    /// The answers of the first step.
    #[schema(value_type = Option<DetailsBody>)]
    details: Option<tryzore_tenancy::onboarding::Details>,
    /// The answers of the third step.
    #[schema(value_type = Option<LocationsBody>)]
    locations: Option<tryzore_tenancy::onboarding::LocationsForm>,
    /// The tenant, once it is open.
    tenant_id: Option<TenantId>,
    /// When the session expires; a completed session does not expire.
    expires_at: DateTime<Utc>,
}

/// An opened tenant. The owner can sign in now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnboardedView {
    #[serde(flatten)]
    step: StepView,
    /// The tenant.
    tenant_id: TenantId,
    /// The locations, in the order of the request.
    organization_ids: Vec<OrganizationId>,
}

impl From<StepResponse> for StepView {
    fn from(step: StepResponse) -> Self {
        Self {
            success: step.success,
            next_step: step.next_step,
            session_token: step.session_token,
            can_go_back: step.can_go_back,
            can_skip: step.can_skip,
        }
    }
}

impl OnboardingView {
    pub(super) fn new(session: OnboardingSession, token: &SecretString) -> Self {
        let tenant_id = match session.progress {
            Progress::Complete { tenant, .. } => Some(tenant),
            Progress::AccountCreated(_) | Progress::OrganizationPending(_) => None,
        };
        Self {
            step: session.response(token).into(),
            current_step: session.progress.as_str(),
            tenant_id,
            expires_at: session.expires_at,
            details: session.details,
            locations: session.locations,
        }
    }
}

impl From<Completion> for OnboardedView {
    fn from(done: Completion) -> Self {
        Self { step: done.response.into(), tenant_id: done.tenant, organization_ids: done.organizations }
    }
}

/// An answer that contains a secret.
pub(super) fn secret(mut response: HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// The answer to a step: the next step, or a problem that also contains the current step.
pub(super) fn answer(step: StepResponse) -> HttpResponse {
    if step.success { secret(HttpResponse::Ok(), &StepView::from(step)) } else { refused(step) }
}

// RFC 9457, section 3.2: a problem may have members of its own.
fn refused(step: StepResponse) -> HttpResponse {
    let unsaid = || Problem::internal("a step was refused without a field that is not valid");
    let problem = FieldErrors::check(step.errors.clone()).err().map_or_else(unsaid, Problem::from);
    let refusal = ApiError::from(problem).error_response();
    let (status, told) = (refusal.status(), refusal.into_body().try_into_bytes());
    let mut body = told.ok().and_then(|told| serde_json::from_slice(&told).ok()).unwrap_or(Value::Null);
    if let (Some(body), Ok(Value::Object(step))) =
        (body.as_object_mut(), serde_json::to_value(StepView::from(step)))
    {
        body.extend(step);
    }
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body.to_string())
}
