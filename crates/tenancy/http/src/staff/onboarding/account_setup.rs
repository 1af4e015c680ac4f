//! Opens accounts: sessions of onboarding are in our database, passwords at their provider.

use secrecy::SecretString;
use tryzore_auth::{Chosen, Redeemable, Refusal, verify_email};
use tryzore_auth_http::SignIn;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, FieldError, Problem};
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::{
    Verified,
    onboarding::{AccountSetup, Admission, StepResponse, account},
};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::ApiError;

/// The implementation for this service.
pub(super) struct AccountTransactions<'r> {
    pub(super) db: &'r Db,
    pub(super) sign_in: &'r SignIn,
}

impl AccountSetup for AccountTransactions<'_> {
    type Proof = Redeemable;
    type Password = Chosen;
    type Error = ApiError;

    async fn account_admit(&self, token: &SecretString) -> Result<Admission, ApiError> {
        let now = self.db.clock().now();
        Ok(self
            .db
            .auth_tx(async |tx: &mut AuthTx| account::admit(&mut tx.tenancy(), token, now).await)
            .await?)
    }

    async fn proof_find(&self, proof: &SecretString) -> Result<Option<(Email, Redeemable)>, ApiError> {
        let now = self.db.clock().now();
        let find = async |tx: &mut AuthTx| verify_email::admit_proof(&mut tx.auth(), proof, now).await;
        let found = self.db.auth_tx(find).await?;
        Ok(found.ok().map(|link| (link.email().clone(), link)))
    }

    async fn password_choose(
        &self,
        proof: Redeemable,
        password: &SecretString,
    ) -> Result<Result<Chosen, FieldError>, ApiError> {
        match proof.choose(&self.sign_in.provider, password).await {
            Ok(chosen) => Ok(Ok(chosen)),
            Err(Refusal::Invalid { pointer, detail }) => {
                Ok(Err(FieldError { pointer: pointer.into(), detail: detail.into() }))
            }
            Err(refusal) => Err(delayed(refusal)),
        }
    }

    async fn account_settle(&self, token: &SecretString, password: Chosen) -> Result<StepResponse, ApiError> {
        let now = self.db.clock().now();
        let settle = async |tx: &mut AuthTx| {
            let user = verify_email::settle(&mut tx.auth(), password, now).await?.map_err(Problem::from)?;
            let verified = Verified { user: user.id, email: user.email, name: user.name };
            account::settle(&mut tx.tenancy(), token, &verified, now).await.map_err(Problem::from)
        };
        Ok(self.db.auth_tx(settle).await?)
    }
}

/// The answer for `refusal`, with the time to wait before trying again.
pub(super) fn delayed(refusal: Refusal) -> ApiError {
    match refusal.retry_after_seconds() {
        None => refusal.into(),
        seconds => ApiError::from(refusal).retry_after(seconds),
    }
}
