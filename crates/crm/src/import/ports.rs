//! The port of imports to the database, in addition to clients and users.

use super::{job::ImportJob, row::RefusedRow};
use tryzore_kernel::{ImportId, OrganizationId, StoreResult};

/// Imports and their refused rows.
#[trait_variant::make(Send)]
pub trait Imports {
    /// Stores a new import.
    async fn import_insert(&mut self, job: &ImportJob) -> StoreResult<()>;
    /// The number of imports of a location that have not ended. A concurrent count waits until this
    /// transaction ends.
    async fn imports_open(&mut self, organization: OrganizationId) -> StoreResult<u32>;
    /// The import with this id.
    async fn import_find(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>>;
    /// The import with this id, locked until the transaction ends.
    async fn import_lock(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>>;
    /// Stores the mapping, options and state of a locked import.
    async fn import_progress(&mut self, job: &ImportJob) -> StoreResult<()>;
    /// Deletes a locked import, its file and its refused rows.
    async fn import_delete(&mut self, id: ImportId) -> StoreResult<()>;
    /// Stores refused rows for the error file.
    async fn import_refused_insert(&mut self, id: ImportId, rows: &[RefusedRow]) -> StoreResult<()>;
    /// Deletes the refused rows, because the check starts over or the run begins.
    async fn import_refused_clear(&mut self, id: ImportId) -> StoreResult<()>;
    /// The refused rows after row number `after`, at most `limit`, ordered by number.
    async fn import_refused_list(
        &mut self,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> StoreResult<Vec<RefusedRow>>;
}
