//! The decision log, as those may read it whom it concerns.

use crate::{TenantTx, witness::witnesses};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{DecisionId, Limit, OrganizationId, Page, StoreResult, UserId};
use tryzore_rbac::Grants;
use tryzore_schema::runtime::decisions;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was decided, from which facts, and what would have changed it.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = decisions)]
pub struct DecisionView {
    /// The decision.
    pub id: DecisionId,
    /// The command that was asked for, such as `events.book`.
    pub command: String,
    /// What it was asked of.
    pub object_id: Uuid,
    /// Where.
    pub organization_id: Option<OrganizationId>,
    /// Who asked.
    #[schema(value_type = Object)]
    pub actor: Value,
    /// Whom it concerns.
    pub subject_id: Option<UserId>,
    /// `allowed` or `denied`.
    pub outcome: String,
    /// The denial's code, or `allowed`.
    pub code: String,
    /// The facts that decided.
    #[schema(value_type = Vec<tryzore_kernel::Fact>)]
    pub because: Value,
    /// What would have changed it.
    #[schema(value_type = Option<tryzore_kernel::Remedy>)]
    pub remedy: Option<Value>,
    /// When.
    pub decided_at: DateTime<Utc>,
}

impl DecisionView {
    // One's own always; others' for those who see the like at that location.
    fn is_visible_to(&self, grants: &Grants) -> bool {
        let me = grants.actor().user();
        let asked = serde_json::to_value(grants.actor()).is_ok_and(|actor| actor == self.actor);
        let witnessed = witnesses(grants, &self.command, self.organization_id);
        asked || (me.is_some() && self.subject_id == me) || witnessed
    }
}

impl TenantTx {
    /// A decision, if `grants` may see it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decision_find(
        &mut self,
        id: DecisionId,
        grants: &Grants,
    ) -> StoreResult<Option<DecisionView>> {
        let query = decisions::table
            .filter(decisions::tenant_id.eq(self.tenant))
            .filter(decisions::id.eq(id))
            .select(DecisionView::as_select());
        let found: Option<DecisionView> = self.tx.row(query).await?;
        Ok(found.filter(|decision| decision.is_visible_to(grants)))
    }

    /// The decisions about `object` that `grants` may see, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decisions_about(
        &mut self,
        object: Uuid,
        grants: &Grants,
        before: Option<DecisionId>,
        limit: Limit,
    ) -> StoreResult<Page<DecisionView>> {
        let before = before.map_or(Uuid::max(), DecisionId::uuid);
        let query = decisions::table
            .filter(decisions::tenant_id.eq(self.tenant))
            .filter(decisions::object_id.eq(object))
            .filter(decisions::id.lt(before))
            .order(decisions::id.desc())
            .limit(limit.probe())
            .select(DecisionView::as_select());
        let mut page = Page::cut(self.tx.rows(query).await?, limit, |decision: &DecisionView| decision.id);
        page.data.retain(|decision| decision.is_visible_to(grants));
        Ok(page)
    }
}
