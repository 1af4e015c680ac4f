//! What imports need from a transaction, besides clients and users.

use super::{job::ImportJob, row::RefusedRow};
use tryzore_kernel::{ImportId, OrganizationId, StoreResult};

/// Imports and the rows that they refused.
#[trait_variant::make(Send)]
pub trait Imports {
    /// Keeps a new import.
    async fn import_insert(&mut self, job: &ImportJob) -> StoreResult<()>;
    /// How many imports of a location have not ended. Whoever counts after this waits until this
    /// transaction is over.
    async fn imports_open(&mut self, organization: OrganizationId) -> StoreResult<u32>;
    /// The import.
    async fn import_find(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>>;
    /// The import, locked for the rest of the transaction.
    async fn import_lock(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>>;
    /// Keeps how far a locked import is: its mapping, options and state.
    async fn import_progress(&mut self, job: &ImportJob) -> StoreResult<()>;
    /// Forgets a locked import, its file and the rows that it refused.
    async fn import_delete(&mut self, id: ImportId) -> StoreResult<()>;
    /// Keeps rows that were refused, for the error file.
    async fn import_refused_insert(&mut self, id: ImportId, rows: &[RefusedRow]) -> StoreResult<()>;
    /// Forgets the rows that were refused: the check starts over, or the run begins.
    async fn import_refused_clear(&mut self, id: ImportId) -> StoreResult<()>;
    /// The rows that were refused after row number `after`, at most `limit`, by number.
    async fn import_refused_list(
        &mut self,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> StoreResult<Vec<RefusedRow>>;
}
