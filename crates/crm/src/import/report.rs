//! The numbers of rows that an import has processed, or would process, by result.

use super::{
    plan::BatchPlan,
    reason::{Caution, Reason},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The results of an import or of its dry run. `created + updated + unchanged + refused = rows`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// Rows below the header with text.
    pub rows: u32,
    /// Rows that added a client.
    pub created: u32,
    /// Rows that changed a client.
    pub updated: u32,
    /// Rows that changed nothing.
    pub unchanged: u32,
    /// Rows that were refused.
    pub refused: u32,
    /// The number of refused rows by reason. A row with two reasons counts for both.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, u32>))]
    pub by_reason: BTreeMap<Reason, u32>,
    /// The number of accepted rows by warning.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, u32>))]
    pub by_caution: BTreeMap<Caution, u32>,
}

impl ImportReport {
    /// Adds the results of a batch.
    pub fn add(&mut self, plan: &BatchPlan) {
        let created = count(plan.inserts.len());
        let updated = count(plan.updates.iter().map(|update| update.rows.len()).sum());
        let (unchanged, refused) = (count(plan.unchanged.len()), count(plan.refused.len()));
        self.rows += created + updated + unchanged + refused;
        self.created += created;
        self.updated += updated;
        self.unchanged += unchanged;
        self.refused += refused;
        for row in &plan.refused {
            let mut codes: Vec<_> = row.faults.iter().map(|fault| fault.code).collect();
            codes.sort_unstable();
            codes.dedup();
            for code in codes {
                *self.by_reason.entry(code).or_default() += 1;
            }
        }
        for (_, warning) in &plan.warnings {
            *self.by_caution.entry(warning.code).or_default() += 1;
        }
    }
}

/// Converts a number of rows; a file has at most [`ROWS`](super::limits::ROWS).
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
