//! Deliveries as the worker sees them: in the transaction that processes them, which belongs to no tenant.

use crate::PlatformStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use tryzore_kernel::{StoreError, StoreResult, TenantId, WebhookId};
use tryzore_platform::{Deliveries, Delivery, State, Verdict};
use tryzore_postgres::scopes::NoTenant;
use tryzore_schema::webhooks::deliveries;

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg))]
struct DeliveryRow {
    id: WebhookId,
    provider: String,
    external_id: String,
    event_type: String,
    headers: Value,
    raw_payload: Vec<u8>,
    received_at: DateTime<Utc>,
    processed_at: Option<DateTime<Utc>>,
    processed_by: Option<String>,
    result: Option<String>,
    error_message: Option<String>,
    attempts: i32,
    dead_at: Option<DateTime<Utc>>,
    tenant_id: Option<TenantId>,
}

/// The columns of the state; all other columns never change.
#[derive(AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true)]
struct StateRow {
    processed_at: Option<DateTime<Utc>>,
    processed_by: Option<String>,
    result: Option<&'static str>,
    error_message: Option<String>,
    attempts: i32,
    dead_at: Option<DateTime<Utc>>,
    tenant_id: Option<TenantId>,
}

fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("deliveries.{column} has an invalid value"))
}

impl DeliveryRow {
    fn delivery(self) -> StoreResult<Delivery> {
        let state = match (self.processed_at, self.processed_by, self.result.as_deref(), self.dead_at) {
            (None, None, None, None) => State::Pending,
            (None, None, None, Some(at)) => State::Dead { at },
            (Some(at), Some(by), Some("applied"), None) => {
                State::Processed { at, by, verdict: Verdict::Applied }
            }
            (Some(at), Some(by), Some("ignored"), None) => {
                State::Processed { at, by, verdict: Verdict::Ignored }
            }
            _ => return Err(corrupt("result")),
        };
        Ok(Delivery {
            id: self.id,
            provider: self.provider,
            external_id: self.external_id,
            event_type: self.event_type,
            headers: serde_json::from_value(self.headers).map_err(|_| corrupt("headers"))?,
            raw_payload: self.raw_payload,
            received_at: self.received_at,
            state,
            error: self.error_message,
            attempts: u32::try_from(self.attempts).map_err(|_| corrupt("attempts"))?,
            tenant: self.tenant_id,
        })
    }
}

impl StateRow {
    fn of(delivery: &Delivery) -> Self {
        let (processed_at, processed_by, result, dead_at) = match &delivery.state {
            State::Pending => (None, None, None, None),
            State::Processed { at, by, verdict } => {
                (Some(*at), Some(by.clone()), Some(verdict.as_str()), None)
            }
            State::Dead { at } => (None, None, None, Some(*at)),
        };
        Self {
            processed_at,
            processed_by,
            result,
            error_message: delivery.error.clone(),
            attempts: i32::try_from(delivery.attempts).unwrap_or(i32::MAX),
            dead_at,
            tenant_id: delivery.tenant,
        }
    }
}

impl Deliveries for PlatformStore<'_, NoTenant> {
    async fn delivery_lock(&mut self, id: WebhookId) -> StoreResult<Option<Delivery>> {
        let query = deliveries::table.find(id).select(DeliveryRow::as_select()).for_no_key_update();
        let row: Option<DeliveryRow> = self.tx.row(query).await?;
        row.map(DeliveryRow::delivery).transpose()
    }

    async fn delivery_update(&mut self, delivery: &Delivery) -> StoreResult<()> {
        let one = deliveries::table.filter(deliveries::id.eq(delivery.id));
        self.tx.defer(diesel::update(one).set(StateRow::of(delivery)));
        Ok(())
    }
}
