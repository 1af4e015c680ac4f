//! Recomputing the seals of the audit trail.
//!
//! A chain is read in portions within one snapshot, so a chain of any length can be checked and sealing can
//! continue meanwhile.

use crate::Governance;
use crate::GovernanceStore;
use tryzore_governance::{Break, Chain, Head, Noted};
use tryzore_kernel::{Problem, StoreResult, TenantId};
use tryzore_postgres::{Db, runtime::program::Work};
use tryzore_rbac::{Permit, SystemActor};

const PORTION: i64 = 20;

/// The result of checking a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The tenant of the chain.
    pub tenant: TenantId,
    /// The head of the chain, or the first part that is not valid.
    pub outcome: Result<Head, Break>,
    /// The number of sealed lines that are valid.
    pub lines: usize,
    /// The number of lines that no seal covers yet, up to ten thousand.
    pub unsealed: usize,
}

/// Recomputes the chain of `tenant`; the chain must contain the seal `noted`, if it is given.
///
/// # Errors
/// When the database fails.
pub async fn check_audit(db: &Db, tenant: TenantId, noted: Option<Noted>) -> Result<Checked, Problem> {
    let permit = Permit::<Work>::system(tenant, SystemActor::Worker);
    db.tenant_tx(&permit, async |tx| check(&mut tx.governance(), noted).await).await
}

async fn check(tx: &mut GovernanceStore<'_>, noted: Option<Noted>) -> StoreResult<Checked> {
    tx.tx.read_one_snapshot();
    let tenant = tx.tenant;
    let mut chain = Chain::new(tenant);
    if let Some(noted) = noted {
        chain = chain.expect(noted);
    }
    let mut lines = 0;
    loop {
        let seals = tx.audit_seals(chain.head().number, PORTION).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            let checked = match seal {
                Ok(seal) => {
                    let covered = tx.audit_lines(chain.head().last, seal.last, i64::MAX).await?;
                    lines += covered.len();
                    chain.check(&seal, &covered)
                }
                Err(broken) => Err(broken),
            };
            if let Err(broken) = checked {
                return Ok(Checked { tenant, outcome: Err(broken), lines, unsealed: 0 });
            }
        }
    }
    let unsealed = tx.audit_lines(chain.head().last, i64::MAX, 10_000).await?.len();
    Ok(Checked { tenant, outcome: chain.finish(), lines, unsealed })
}
