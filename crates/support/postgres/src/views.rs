//! The lists of overrides, and the log of one.

use crate::{SupportStore, store::OverrideRow};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{Limit, OrganizationId, OverrideId, Page, StoreResult, UserId};
use tryzore_postgres::column::to_text;
use tryzore_rbac::Permit;
use tryzore_schema::support::{manual_overrides, override_steps};
use tryzore_support::{ManualOverride, OverrideStatus, permission::ManualOverrides};
use utoipa::ToSchema;

/// Which overrides are listed.
#[derive(Debug, Clone, Default)]
pub struct OverrideFilter {
    /// Only those of this location.
    pub organization: Option<OrganizationId>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those in this status.
    pub status: Option<OverrideStatus>,
}

/// A step of an override.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct OverrideStepView {
    /// The version of the override that the step led to.
    pub version: i32,
    /// The name of the step: `propose`, `execute`, `confirm`, `revert`, `expire` or `revert_failed`.
    pub step: String,
    /// The person who took the step; null for the product itself.
    pub by_user_id: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

impl SupportStore<'_> {
    /// The overrides at the locations where the caller may set rules aside, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn override_list(
        &mut self,
        permit: &Permit<ManualOverrides>,
        filter: OverrideFilter,
        before: Option<OverrideId>,
        limit: Limit,
    ) -> StoreResult<Page<ManualOverride>> {
        let mut query = manual_overrides::table
            .filter(manual_overrides::tenant_id.eq(self.tenant))
            .order(manual_overrides::id.desc())
            .limit(limit.fetch_limit())
            .select(OverrideRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(manual_overrides::id.lt(before));
        }
        if let Some(reach) = permit.reach().filter() {
            query = query.filter(manual_overrides::organization_id.eq_any(reach.to_vec()));
        }
        if let Some(at) = filter.organization {
            query = query.filter(manual_overrides::organization_id.eq(at));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(manual_overrides::kind.eq(kind));
        }
        if let Some(status) = filter.status {
            query = query.filter(manual_overrides::status.eq(to_text(status)));
        }
        let rows: Vec<OverrideRow> = self.tx.rows(query).await?;
        let rows = rows.into_iter().map(OverrideRow::manual_override).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::from_rows(rows, limit, |it| it.id))
    }

    /// An override at a location where the caller may set rules aside, with its steps.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn override_find(
        &mut self,
        permit: &Permit<ManualOverrides>,
        id: OverrideId,
    ) -> StoreResult<Option<(ManualOverride, Vec<OverrideStepView>)>> {
        let one = manual_overrides::table.find((self.tenant, id)).select(OverrideRow::as_select());
        let found =
            self.tx.row::<_, OverrideRow>(one).await?.map(OverrideRow::manual_override).transpose()?;
        let Some(it) = found.filter(|it| permit.at(it.preview.organization).is_ok()) else { return Ok(None) };
        let steps = override_steps::table
            .filter(override_steps::tenant_id.eq(self.tenant))
            .filter(override_steps::override_id.eq(id))
            .order(override_steps::version)
            .select((
                override_steps::version,
                override_steps::step,
                override_steps::by_user_id,
                override_steps::at,
            ));
        Ok(Some((it, self.tx.rows(steps).await?)))
    }
}
