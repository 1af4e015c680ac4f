//! `POST /onboarding/session/{token}/step/{step_number}`: a step is submitted.

use super::{
    account_setup::{AccountTransactions, delayed},
    caller::{is_signed_in, verified},
    step::{AccountBody, DetailsBody, LocationsBody, StepBody},
    view::{StepView, answer},
};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tryzore_auth::register::count_mail;
use tryzore_auth_http::SignIn;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::onboarding::{self, DetailsForm, LocationsForm, Step, StepResponse, account};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Body, Path, body::parse, limit::Limits};

/// Submit an onboarding step
///
/// Step 1 takes the details, 2 the account, 3 the locations. Steps before the next one can be submitted
/// again. A step with invalid fields answers 422: the problem names the fields and the current step. After
/// six e-mails for one address within 15 minutes, further ones are refused for a while (429).
#[utoipa::path(
    operation_id = "submit_onboarding_step",
    tag = "onboarding",
    params(
        ("token" = String, Path, description = "The session's token"),
        ("step_number" = u8, Path, minimum = 1, maximum = 3, description = "1 details, 2 account, 3 locations"),
    ),
    request_body = StepBody,
    responses((status = 200, body = StepView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!([
            "auth.link.invalid",
            "auth.mail.locked",
            "auth.provider.throttled",
            "auth.user.deactivated",
            "auth.user.other_email",
            "onboarding.account.already_onboarded",
            "onboarding.account.email_unproven",
            "onboarding.account.other_email",
            "onboarding.account.other_user",
            "onboarding.details.email_fixed",
            "onboarding.session.complete",
            "onboarding.session.expired",
            "onboarding.step.out_of_order",
        ]))
    )
)]
#[post("/onboarding/session/{token}/step/{step_number}")]
pub(super) async fn take_step(
    request: HttpRequest,
    Path((token, number)): Path<(SecretString, u8)>,
    Body(body): Body<Value>,
    sign_in: Data<SignIn>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let taken = match Step::of_number(number) {
        Some(Step::Details) => {
            give_details(&request, &db, &token, &read::<DetailsBody>(&body)?.into()).await?
        }
        Some(Step::Account) if is_signed_in(&request) && body == Value::Object(Default::default()) => {
            let (verified, now) = (verified(&request, &db).await?, db.clock().now());
            db.auth_tx(async |tx: &mut AuthTx| {
                account::settle(&mut tx.tenancy(), &token, &verified, now).await
            })
            .await?
        }
        Some(Step::Account) => {
            let accounts = AccountTransactions { db: &db, sign_in: &sign_in };
            account::open(&accounts, &token, &read::<AccountBody>(&body)?.into()).await?
        }
        Some(Step::Locations) => give_locations(&db, &token, read::<LocationsBody>(&body)?.into()).await?,
        _ => return Err(Problem::not_found("step").into()),
    };
    Ok(answer(taken))
}

async fn give_details(
    request: &HttpRequest,
    db: &Db,
    token: &SecretString,
    form: &DetailsForm,
) -> Result<StepResponse, ApiError> {
    let now = db.clock().now();
    let ip = request.app_data::<Data<Limits>>().and_then(|limits| limits.address(request));
    let outcome = db.auth_tx(async |tx: &mut AuthTx| {
        // A failure below takes the count back, because no mail was sent.
        if let Ok(details) = form.check()
            && let Err(refusal) = count_mail(&mut tx.auth(), &details.email, ip, now).await?
        {
            return Ok::<_, Problem>(Err(refusal));
        }
        Ok(Ok(onboarding::give_details(&mut tx.tenancy(), token, form, now).await?))
    });
    outcome.await?.map_err(delayed)
}

async fn give_locations(
    db: &Db,
    token: &SecretString,
    form: LocationsForm,
) -> Result<StepResponse, ApiError> {
    let now = db.clock().now();
    let give = async |tx: &mut AuthTx| onboarding::give_locations(&mut tx.tenancy(), token, form, now).await;
    Ok(db.auth_tx(give).await?)
}

// Reads the fields of a step; errors point to the wrong ones.
fn read<T: DeserializeOwned>(body: &Value) -> Result<T, Problem> {
    parse(body.to_string().as_bytes())
}
