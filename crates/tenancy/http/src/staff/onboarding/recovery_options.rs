//! `GET /onboarding/recovery-options`: the options of a person who returns to onboarding (ONB-07).

use super::caller::{is_signed_in, verified};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_kernel::OrganizationId;
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::onboarding::{Claimant, RecoveryAction, RecoveryOptions, Step, recovery};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Parameters};
use utoipa::{IntoParams, ToSchema};

/// The credential of the request.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RecoveryQuery {
    /// The token of a session; a signed-in user needs none.
    #[param(value_type = Option<String>)]
    token: Option<SecretString>,
}

/// The recommended action.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryView {
    /// `resume_from_step`, `start_fresh`, `cleanup_and_retry`, `manual_intervention` or
    /// `already_onboarded`.
    action: RecoveryAction,
    /// The step to continue with.
    next_step: Option<Step>,
    /// The open locations whose payments are not set up.
    incomplete_organization_ids: Vec<OrganizationId>,
}

impl From<RecoveryOptions> for RecoveryView {
    fn from(options: RecoveryOptions) -> Self {
        Self {
            action: options.action,
            next_step: options.next_step,
            incomplete_organization_ids: options.without_payments,
        }
    }
}

/// List the recovery options of onboarding
///
/// Identified by the token of an onboarding session or by a signed-in user, and never by an e-mail address,
/// because the response would tell strangers who is a customer. Without either there is nothing to recover.
#[utoipa::path(
    operation_id = "list_recovery_options",
    tag = "onboarding",
    params(RecoveryQuery),
    responses((status = 200, body = RecoveryView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!(["onboarding.account.email_unproven"]))
    )
)]
#[get("/onboarding/recovery-options")]
pub(super) async fn get_recovery_options(
    request: HttpRequest,
    Parameters(query): Parameters<RecoveryQuery>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let claimant = match query.token {
        Some(token) => Some(Claimant::Token(token)),
        None if is_signed_in(&request) => Some(Claimant::Verified(verified(&request, &db).await?)),
        None => None,
    };
    let now = db.clock().now();
    let options = match claimant {
        Some(claimant) => {
            db.auth_tx(async |tx: &mut AuthTx| recovery::options(&mut tx.tenancy(), &claimant, now).await)
                .await?
        }
        None => RecoveryOptions::decide(false, &[], None),
    };
    Ok(super::view::secret(HttpResponse::Ok(), &RecoveryView::from(options)))
}
