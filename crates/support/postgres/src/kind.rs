//! What a domain implements, so that its data can be overridden.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, StoreResult, UseCaseError, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, Slug};
use tryzore_support::{ManualOverride, Preview, permission::ManualOverrides};
use utoipa::ToSchema;

/// What somebody looks for.
#[derive(Debug, Clone)]
pub struct Search {
    /// The beginning of a name or of an address, or an id.
    pub text: String,
    /// The locations to look at; `None` means every one.
    pub organizations: Option<Vec<OrganizationId>>,
    /// How many rows are wanted at most.
    pub rows: u8,
}

impl Search {
    /// The highest number of rows of an answer.
    pub const ROWS: u8 = 20;
}

/// Something that can be overridden.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// The id, as a proposal names it.
    #[schema(example = "bkg_0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    pub target: String,
    /// The location.
    pub organization_id: OrganizationId,
    /// What it is, in a few words.
    pub title: String,
    /// The state now.
    #[schema(value_type = Object)]
    pub state: Value,
}

/// A change that somebody proposes.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The id of what is to be changed.
    pub target: &'a str,
    /// The change.
    pub change: &'a Value,
    /// Why, once it is executed.
    pub reason: &'a str,
}

/// A kind of data that can be overridden. The store of the domain that owns the data implements it, with the use
/// cases of that domain.
///
/// Each method refuses before it writes anything, and leaves it to the caller to record the refusal.
pub trait OverrideKind: Send + Sync {
    /// The name of the kind, which never changes: `booking`.
    fn kind(&self) -> &'static str;

    /// The permission with which the data is seen. Whoever overrides it needs this permission at the location too.
    fn seen_with(&self) -> Slug;

    /// What matches `search`, at most `search.rows` rows.
    fn search<'t>(
        &'t self,
        tx: &'t mut TenantTx,
        search: &'t Search,
    ) -> BoxFuture<'t, StoreResult<Vec<Found>>>;

    /// What the change would do now. Locks what decides it.
    fn preview<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        asked: Asked<'t>,
        now: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<Preview, UseCaseError>>;

    /// Makes the change; returns what is needed to take it back.
    fn execute<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        asked: Asked<'t>,
        now: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<Value, UseCaseError>>;

    /// Takes the change of `it` back with what [`OverrideKind::execute`] returned.
    fn revert<'t>(
        &'t self,
        permit: &'t Permit<ManualOverrides>,
        tx: &'t mut TenantTx,
        it: &'t ManualOverride,
        undo: &'t Value,
        now: DateTime<Utc>,
    ) -> BoxFuture<'t, Result<(), UseCaseError>>;
}

/// Who holds a permission. The store of permissions implements it.
pub trait People: Send + Sync {
    /// The people who hold `slug` at `organization`.
    fn who_hold<'t>(
        &'t self,
        tx: &'t mut TenantTx,
        slug: Slug,
        organization: OrganizationId,
    ) -> BoxFuture<'t, StoreResult<Vec<UserId>>>;
}
