//! Clients read and correct the data that a tenant stores about them (MEM-10).
//!
//! Clients cannot change their e-mail address here, because it identifies them and nobody has proven that
//! they read mail at the new one; nor the data that the tenant decides: the home location, the first day
//! and the reference.

use crate::{
    Client, ClientChange, ClientPatch, Clients, ConsentLedger, ConsentSource, Country, Patch, UseCaseError,
    edit_client::apply,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use tryzore_kernel::{Command, DecisionContext, Journal, Problem};
use tryzore_rbac::{Permit, Slug, catalogue::OwnProfile};

/// The command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("clients.edit_own").seen_by(Slug::VIEW_ALL_CLIENTS.audience());

/// The fields that clients may change themselves; absent and null mean the same as in [`ClientPatch`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnPatch {
    /// Not null.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false))]
    #[serde(default)]
    pub given_name: Patch<String>,
    /// Null for one-word names.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub family_name: Patch<String>,
    /// Phone number; without a country code, a number of the country of the home location.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub phone: Patch<String>,
    /// Language tag.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false, example = "it"))]
    #[serde(default)]
    pub locale: Patch<String>,
    /// ISO 8601.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NaiveDate>, required = false))]
    #[serde(default, deserialize_with = "crate::change::date")]
    pub birth_date: Patch<NaiveDate>,
    /// The answer about advertising; an answer can be changed but not removed.
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    #[serde(default)]
    pub marketing_consent: Patch<bool>,
}

impl OwnPatch {
    /// Checks every field. `today` is the current date at the home location, `country` its country.
    ///
    /// # Errors
    /// 422 with a JSON pointer for each field that is not valid.
    pub fn check(self, country: Country, today: NaiveDate) -> Result<ClientChange, Problem> {
        let Self { given_name, family_name, phone, locale, birth_date, marketing_consent } = self;
        let own = ClientPatch {
            given_name,
            family_name,
            phone,
            locale,
            birth_date,
            marketing_consent,
            ..ClientPatch::default()
        };
        own.check(country, today)
    }
}

/// The client profile of the signed-in user in the current tenant.
///
/// # Errors
/// [`UseCaseError::NotFound`] for users who are not clients of the tenant.
pub async fn get_own<T: Clients>(permit: &Permit<OwnProfile>, tx: &mut T) -> Result<Client, UseCaseError> {
    let user = permit.actor().user().ok_or(UseCaseError::NotFound("client"))?;
    tx.client_find_by_user(user).await?.ok_or(UseCaseError::NotFound("client"))
}

/// Changes the client profile of the signed-in user. `expected` is the version that they read, if the
/// request names one.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Denied`] with `crm.edit.archived`; [`UseCaseError::Invalid`] when no way to reach the client is left;
/// [`UseCaseError::NotFound`] for users who are not clients of the tenant.
pub async fn edit_own<T: Clients + ConsentLedger + Journal>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
    expected: Option<i32>,
    change: ClientChange,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let id = get_own(permit, tx).await?.id;
    let before = tx.client_lock(id).await?.ok_or(UseCaseError::NotFound("client"))?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(UseCaseError::Stale);
    }
    let decision = DecisionContext::new(COMMAND, id, before.home_organization).about(before.user);
    tx.record_if_denied(decision, before.admit_edit())?;
    apply(tx, COMMAND.name, before, change, (ConsentSource::App, permit.actor().user()), now).await
}
