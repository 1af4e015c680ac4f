//! The recent activity of a client (MEM-04).

use crate::CrmStore;
use chrono::{DateTime, Duration, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_kernel::{ClientId, OrganizationId, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::permit::Reach;
use utoipa::ToSchema;

/// How far the activity goes back: 30 days.
pub const PERIOD: Duration = Duration::days(30);

/// What a client did at one location in the last 30 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocationActivity {
    /// The location.
    pub organization_id: OrganizationId,
    /// The name of the location.
    pub name: String,
    /// The number of the client's visits.
    pub visits: u32,
    /// The share of the visits in percent; the shares of all locations add up to 100.
    pub percent: u32,
    /// How often the client had a spot and did not come.
    pub no_shows: u32,
}

statement! {
    struct ReadActivity {
        tenant: TenantId => Uuid,
        client: ClientId => Uuid,
        after: DateTime<Utc> => Timestamptz,
        until: DateTime<Utc> => Timestamptz,
    }
    "SELECT o.id, o.name, count(*) FILTER (WHERE b.status = 'attended') AS visits,
            count(*) FILTER (WHERE b.status = 'no_show') AS no_shows
     FROM events.bookings b
     JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = b.attended_organization_id
     WHERE b.tenant_id = $1 AND b.client_id = $2 AND b.status IN ('attended', 'no_show')
       AND e.starts_at >= $3 AND e.starts_at <= $4
     GROUP BY o.id, o.name
     ORDER BY visits DESC, o.name, o.id"
}

#[derive(QueryableByName)]
struct ActivityRow {
    #[diesel(sql_type = Uuid)]
    id: OrganizationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    visits: i64,
    #[diesel(sql_type = BigInt)]
    no_shows: i64,
}

impl CrmStore<'_> {
    /// The activity of `client` in the last [`PERIOD`], at the locations that `reach` covers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn client_activity(
        &mut self,
        client: ClientId,
        reach: &Reach,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<LocationActivity>> {
        let read = ReadActivity { tenant: self.tenant, client, after: now - PERIOD, until: now };
        let mut rows: Vec<ActivityRow> = self.tx.rows(read).await?;
        rows.retain(|row| reach.covers(row.id));
        let visits: Vec<u64> = rows.iter().map(|row| u64::try_from(row.visits).unwrap_or_default()).collect();
        let line = |(row, percent): (ActivityRow, u32)| LocationActivity {
            organization_id: row.id,
            name: row.name,
            visits: u32::try_from(row.visits).unwrap_or_default(),
            percent,
            no_shows: u32::try_from(row.no_shows).unwrap_or_default(),
        };
        Ok(rows.into_iter().zip(percents(&visits)).map(line).collect())
    }
}

/// Shares in percent that add up to 100 unless all counts are zero: what rounding down leaves over goes to
/// the largest remainders, and among equal ones to the first (Hamilton's method).
fn percents(counts: &[u64]) -> Vec<u32> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return vec![0; counts.len()];
    }
    let mut shares: Vec<u64> = counts.iter().map(|count| count * 100 / total).collect();
    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(counts[*at] * 100 % total));
    let left = 100 - shares.iter().sum::<u64>();
    for at in by_remainder.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[at] += 1;
    }
    shares.into_iter().map(|share| u32::try_from(share).unwrap_or(100)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mem_04_shares_come_to_a_hundred() {
        for (counts, shares) in [
            (vec![3, 1], vec![75, 25]),
            (vec![1, 1, 1], vec![34, 33, 33]),
            (vec![2, 1], vec![67, 33]),
            (vec![7], vec![100]),
            (vec![5, 0], vec![100, 0]),
            (vec![0, 0], vec![0, 0]),
            (vec![], vec![]),
        ] {
            assert_eq!(percents(&counts), shares, "{counts:?}");
        }
    }
}
