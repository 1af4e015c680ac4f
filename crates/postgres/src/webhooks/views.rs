//! The list of deliveries, and having one processed again: for operators.
//!
//! Payloads are not listed: they hold personal data of all tenants, and the APIs have no right to
//! read them.

use super::job;
use crate::PlatformTx;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Limit, Page, StoreResult, TenantId, WebhookId};
use tryzore_platform::Replays;
use tryzore_schema::webhooks::deliveries;
use utoipa::ToSchema;

/// A delivery, without what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg))]
pub struct DeliveryView {
    /// Its id.
    pub id: WebhookId,
    /// Who sent it: `workos`.
    pub provider: String,
    /// The provider's id of what happened.
    pub external_id: String,
    /// What happened, in the provider's words.
    pub event_type: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// When it was processed, the last time.
    pub processed_at: Option<DateTime<Utc>>,
    /// The job that processed it.
    pub processed_by: Option<String>,
    /// What came of it: `applied` or `ignored`.
    pub result: Option<String>,
    /// Why the last attempt failed.
    pub error_message: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
    /// Whom it concerns, when that is known.
    pub tenant_id: Option<TenantId>,
}

/// How a delivery stands, for the filter of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not processed, whether it waits or was given up: the pending view of WHK-01.
    Pending,
    /// Processed.
    Processed,
    /// Given up.
    Dead,
}

/// Which deliveries to list; all, when nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// How they stand.
    pub state: Option<DeliveryState>,
    /// Who sent them.
    pub provider: Option<String>,
    /// What happened, in the provider's words.
    pub event_type: Option<String>,
}

impl PlatformTx {
    /// Deliveries, the newest first. `after` is the key of the last row of the page before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks_list(
        &mut self,
        filter: DeliveryFilter,
        after: Option<(DateTime<Utc>, WebhookId)>,
        limit: Limit,
    ) -> StoreResult<Page<DeliveryView>> {
        use deliveries::dsl;
        let mut query = dsl::deliveries
            .order((dsl::received_at.desc(), dsl::id.desc()))
            .limit(limit.probe())
            .select(DeliveryView::as_select())
            .into_boxed();
        query = match filter.state {
            Some(DeliveryState::Pending) => query.filter(dsl::processed_at.is_null()),
            Some(DeliveryState::Processed) => query.filter(dsl::processed_at.is_not_null()),
            Some(DeliveryState::Dead) => query.filter(dsl::dead_at.is_not_null()),
            None => query,
        };
        if let Some(provider) = filter.provider {
            query = query.filter(dsl::provider.eq(provider));
        }
        if let Some(event_type) = filter.event_type {
            query = query.filter(dsl::event_type.eq(event_type));
        }
        if let Some((at, id)) = after {
            query = query.filter(dsl::received_at.lt(at).or(dsl::received_at.eq(at).and(dsl::id.lt(id))));
        }
        let rows = self.tx.rows(query).await?;
        Ok(Page::cut(rows, limit, |row: &DeliveryView| (row.received_at, row.id)))
    }
}

impl Replays for PlatformTx {
    async fn delivery_exists(&mut self, id: WebhookId) -> StoreResult<bool> {
        let found: Option<WebhookId> = self.tx.row(deliveries::table.find(id).select(deliveries::id)).await?;
        Ok(found.is_some())
    }

    fn replay_enqueue(&mut self, delivery: WebhookId) {
        self.job_enqueue(job(delivery, true));
    }
}
