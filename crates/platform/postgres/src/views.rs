//! The list of deliveries, and replays, for operators.
//!
//! Payloads are not in the list: they contain personal data of all tenants. [`PlatformTx::webhook_open`]
//! reads one payload and records that in the audit trail; only an operator's transaction may do so.

use super::job;
use crate::PlatformStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use tryzore_kernel::{AuditEntry, Journal, Limit, Page, StoreResult, TenantId, WebhookId};
use tryzore_platform::Replays;
use tryzore_postgres::{runtime::Enqueue, scopes::AllTenants};
use tryzore_schema::webhooks::deliveries;
use utoipa::ToSchema;

/// A delivery, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg))]
pub struct DeliveryView {
    /// The id of the delivery.
    pub id: WebhookId,
    /// The provider that sent the delivery, such as `workos`.
    pub provider: String,
    /// The provider's id of the event.
    pub external_id: String,
    /// The provider's type of the event.
    pub event_type: String,
    /// When the delivery was received.
    pub received_at: DateTime<Utc>,
    /// When the delivery was last processed.
    pub processed_at: Option<DateTime<Utc>>,
    /// The job that processed the delivery.
    pub processed_by: Option<String>,
    /// The result: `applied` or `ignored`.
    #[schema(value_type = Option<DeliveryResult>)]
    pub result: Option<String>,
    /// The reason why the last attempt failed.
    pub error_message: Option<String>,
    /// The number of attempts.
    pub attempts: i32,
    /// When the delivery was given up.
    pub dead_at: Option<DateTime<Utc>>,
    /// The tenant that the delivery concerns, if it is known.
    pub tenant_id: Option<TenantId>,
}

/// The payload of a delivery, as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg))]
pub struct SentView {
    /// The headers that are needed to verify the delivery again, by their names in lower case.
    #[schema(value_type = Object)]
    pub headers: Value,
    /// The body.
    #[serde(rename = "body", serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub raw_payload: Vec<u8>,
}

// Providers send JSON; invalid UTF-8 is shown with replacement characters.
fn as_text<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&String::from_utf8_lossy(bytes))
}

/// A delivery with its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenedDelivery {
    /// The fields of the list.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// The payload.
    #[serde(flatten)]
    pub sent: SentView,
}

/// What processing a delivery changed.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryResult {
    /// It was applied.
    Applied,
    /// It was of no concern.
    Ignored,
}

/// The status of a delivery, for the filter of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Not processed, whether still waiting or given up: the pending view of WHK-01.
    Pending,
    /// Processed.
    Processed,
    /// Given up.
    Dead,
}

/// The filter of the list; an empty filter matches all deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// The status of the deliveries.
    pub status: Option<DeliveryStatus>,
    /// The provider that sent the deliveries.
    pub provider: Option<String>,
    /// The provider's type of the event.
    pub event_type: Option<String>,
}

impl PlatformStore<'_, AllTenants> {
    /// The deliveries, newest first. `after` is the key of the last row of the previous page.
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
            .limit(limit.fetch_limit())
            .select(DeliveryView::as_select())
            .into_boxed();
        query = match filter.status {
            Some(DeliveryStatus::Pending) => query.filter(dsl::processed_at.is_null()),
            Some(DeliveryStatus::Processed) => query.filter(dsl::processed_at.is_not_null()),
            Some(DeliveryStatus::Dead) => query.filter(dsl::dead_at.is_not_null()),
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
        Ok(Page::from_rows(rows, limit, |row: &DeliveryView| (row.received_at, row.id)))
    }
}

impl PlatformStore<'_, AllTenants> {
    /// A delivery with its payload. Reading it is recorded in the audit trail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_open(&mut self, id: WebhookId) -> StoreResult<Option<OpenedDelivery>> {
        let query = deliveries::table.find(id).select((DeliveryView::as_select(), SentView::as_select()));
        let found: Option<(DeliveryView, SentView)> = self.tx.row(query).await?;
        if found.is_some() {
            self.audit_append(AuditEntry {
                action: "webhooks.open",
                target: id.uuid(),
                subject: None,
                organizations: Vec::new(),
                details: json!({}),
            });
        }
        Ok(found.map(|(delivery, sent)| OpenedDelivery { delivery, sent }))
    }
}

impl Replays for PlatformStore<'_, AllTenants> {
    async fn delivery_exists(&mut self, id: WebhookId) -> StoreResult<bool> {
        let found: Option<WebhookId> = self.tx.row(deliveries::table.find(id).select(deliveries::id)).await?;
        Ok(found.is_some())
    }

    fn replay_enqueue(&mut self, delivery: WebhookId) {
        self.job_enqueue(job(delivery, true));
    }
}
