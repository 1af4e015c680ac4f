//! Storing received deliveries. The receiver may not read the table: the number of inserted rows shows
//! whether a delivery is known already.

use super::job;
use crate::PlatformStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use tryzore_kernel::{StoreResult, WebhookId};
use tryzore_platform::{Delivery, Inbox};
use tryzore_postgres::{runtime::Enqueue, scopes::Inbound};
use tryzore_schema::webhooks::deliveries;

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub(crate) struct ArrivalRow {
    id: WebhookId,
    provider: String,
    external_id: String,
    event_type: String,
    headers: Value,
    raw_payload: Vec<u8>,
    received_at: DateTime<Utc>,
}

impl ArrivalRow {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            provider: delivery.provider.clone(),
            external_id: delivery.external_id.clone(),
            event_type: delivery.event_type.clone(),
            headers: delivery
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), Value::from(&**value)))
                .collect(),
            raw_payload: delivery.raw_payload.clone(),
            received_at: delivery.received_at,
        }
    }
}

impl Inbox for PlatformStore<'_, Inbound> {
    async fn delivery_insert(&mut self, delivery: &Delivery) -> StoreResult<bool> {
        let row = ArrivalRow::of(delivery);
        // There is no conflict target, because naming one requires the right to read the table.
        let insert = diesel::insert_into(deliveries::table).values(row).on_conflict_do_nothing();
        Ok(self.tx.execute(insert).await? == 1)
    }

    fn processing_enqueue(&mut self, delivery: WebhookId) {
        self.job_enqueue(job(delivery, false));
    }
}
