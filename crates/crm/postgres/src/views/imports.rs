//! The list of imports, newest first.

use super::super::imports::ImportRow;
use crate::CrmStore;

use diesel::prelude::*;
use tryzore_crm::import::ImportJob;
use tryzore_kernel::{ImportId, Limit, OrganizationId, Page, StoreResult};
use tryzore_rbac::permit::Reach;
use tryzore_schema::crm::imports;

impl CrmStore<'_> {
    /// The imports at the locations that `reach` covers, or only those at `organization`, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn imports_list(
        &mut self,
        reach: &Reach,
        organization: Option<OrganizationId>,
        before: Option<ImportId>,
        limit: Limit,
    ) -> StoreResult<Page<ImportJob>> {
        let mut query = ImportRow::query()
            .filter(imports::tenant_id.eq(self.tenant))
            .filter(imports::id.lt(before.unwrap_or_else(|| uuid::Uuid::max().into())))
            .order(imports::id.desc())
            .limit(limit.fetch_limit())
            .into_boxed();
        if let Some(at) = organization {
            query = query.filter(imports::organization_id.eq(at));
        }
        if let Some(at) = reach.filter() {
            query = query.filter(imports::organization_id.eq_any(at.to_vec()));
        }
        let rows: Vec<ImportRow> = self.tx.rows(query).await?;
        let jobs = rows.into_iter().map(ImportRow::job).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::from_rows(jobs, limit, |job| job.id))
    }
}
