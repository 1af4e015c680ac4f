//! What onboarding answers (ONB-04), and how it says that a step was not taken.

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

/// Where onboarding stands after a step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepView {
    /// Whether the step was taken.
    success: bool,
    /// What is to be done next: `details`, `account`, `locations`, `complete` or `payments`.
    next_step: tryzore_tenancy::onboarding::Step,
    /// Names the session, for the next step. A secret: who has it goes on.
    #[schema(example = "tzn_…")]
    session_token: String,
    /// Whether the step before `next_step` can be given again.
    can_go_back: bool,
    /// Whether `next_step` can be left for later.
    can_skip: bool,
}

/// A session, and what was typed into it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnboardingView {
    #[serde(flatten)]
    step: StepView,
    /// How far it has come: `account_created`, `organization_pending` or `complete`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::OnboardingProgress)]
    current_step: &'static str,
    /// What the first step said.
    #[schema(value_type = Option<DetailsBody>)]
    details: Option<tryzore_tenancy::onboarding::Details>,
    /// What the third step said.
    #[schema(value_type = Option<LocationsBody>)]
    locations: Option<tryzore_tenancy::onboarding::LocationsForm>,
    /// The tenant, once it is open.
    tenant: Option<TenantId>,
    /// Until when it can be taken up again; one that is complete stays.
    expires_at: DateTime<Utc>,
}

/// A tenant that is open: sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnboardedView {
    #[serde(flatten)]
    step: StepView,
    /// The tenant.
    tenant: TenantId,
    /// Its locations, in the order in which they were given.
    organizations: Vec<OrganizationId>,
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
        let tenant = match session.progress {
            Progress::Complete { tenant, .. } => Some(tenant),
            Progress::AccountCreated(_) | Progress::OrganizationPending(_) => None,
        };
        Self {
            step: session.response(token).into(),
            current_step: session.progress.as_str(),
            tenant,
            expires_at: session.expires_at,
            details: session.details,
            locations: session.locations,
        }
    }
}

impl From<Completion> for OnboardedView {
    fn from(done: Completion) -> Self {
        Self { step: done.response.into(), tenant: done.tenant, organizations: done.organizations }
    }
}

/// An answer that holds a secret.
pub(super) fn secret(mut response: HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// The answer to a step: where it leads, or a problem that also tells where one still is.
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
