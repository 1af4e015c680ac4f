//! The overrides whose time is over, in all tenants.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz, Uuid},
};
use tryzore_kernel::{OverrideId, StoreResult, TenantId};
use tryzore_postgres::{PlatformTx, statement, store::Transaction};
use tryzore_support::manual_override::EXECUTE_WITHIN;

statement! {
    struct FindDue {
        proposed_until: DateTime<Utc> => Timestamptz,
        now: DateTime<Utc> => Timestamptz,
        tenant: uuid::Uuid => Uuid,
        after: uuid::Uuid => Uuid,
        rows: i64 => BigInt,
    }
    "SELECT o.tenant_id, o.id FROM support.manual_overrides o
     WHERE ((o.status = 'proposed' AND o.proposed_at <= $1) OR (o.status = 'executed' AND o.confirm_by <= $2))
       AND (o.tenant_id, o.id) > ($3, $4)
     ORDER BY o.tenant_id, o.id
     LIMIT $5"
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Uuid)]
    id: OverrideId,
}

/// The proposals that nobody executed and the changes that nobody confirmed in time: a page in order of tenant and
/// id, which begins behind `after`.
///
/// # Errors
/// When the database fails.
pub async fn overrides_due(
    tx: &mut PlatformTx,
    now: DateTime<Utc>,
    after: Option<(TenantId, OverrideId)>,
    limit: u16,
) -> StoreResult<Vec<(TenantId, OverrideId)>> {
    let (tenant, after) = after.map_or_else(Default::default, |(tenant, id)| (tenant.uuid(), id.uuid()));
    let find = FindDue { proposed_until: now - EXECUTE_WITHIN, now, tenant, after, rows: limit.into() };
    let rows: Vec<DueRow> = tx.parts().tx.rows(find).await?;
    Ok(rows.into_iter().map(|row| (row.tenant_id, row.id)).collect())
}
