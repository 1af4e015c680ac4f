//! Stores the bytes of an incoming file in chunks, each in its own transaction. So no file is in memory as
//! a whole, and no transaction stays open for as long as a slow connection takes.
//!
//! Chunks are stored before their import. Chunks that get no import, because the connection broke, are
//! deleted a day later.

use crate::Crm;
use crate::CrmStore;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use tryzore_crm::import::{ImportError, limits};
use tryzore_kernel::{Problem, uuid_at};
use tryzore_postgres::Db;
use tryzore_rbac::{Permit, catalogue::CreateClient};
use tryzore_schema::crm::import_chunks::dsl;
use uuid::Uuid;

/// The size in bytes of every chunk but the last.
pub const CHUNK: usize = 256 * 1024;

/// A file that is being uploaded.
pub struct Upload<'a> {
    db: &'a Db,
    permit: &'a Permit<CreateClient>,
    id: Uuid,
    chunk: Vec<u8>,
    chunks: i32,
    bytes: u64,
    digest: Sha256,
}

/// A file that was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploaded {
    /// The id of the upload, by which its chunks are found.
    pub id: Uuid,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file.
    pub digest: [u8; 32],
}

impl<'a> Upload<'a> {
    /// An upload that has received nothing yet.
    #[must_use]
    pub fn new(db: &'a Db, permit: &'a Permit<CreateClient>) -> Self {
        let id = uuid_at(db.clock().now());
        Self { db, permit, id, chunk: Vec::new(), chunks: 0, bytes: 0, digest: Sha256::new() }
    }

    /// Stores `piece`.
    ///
    /// # Errors
    /// 413 when the file has become too large; when the database fails.
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), Problem> {
        self.bytes += piece.len() as u64;
        if self.bytes > limits::FILE_BYTES {
            return Err(ImportError::TooBig.into());
        }
        self.digest.update(piece);
        let mut rest = piece;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            rest = later;
            if self.chunk.len() == CHUNK {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// Stores the rest and completes the upload.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&mut self) -> Result<Uploaded, Problem> {
        if !self.chunk.is_empty() {
            self.keep().await?;
        }
        Ok(Uploaded { id: self.id, bytes: self.bytes, digest: self.digest.clone().finalize().into() })
    }

    /// Deletes what was uploaded so far. What cannot be deleted now is deleted by the sweep later.
    pub async fn discard(self) {
        let gone = self.db.tenant_tx(self.permit, async |tx| {
            tx.crm().upload_delete(self.id);
            Ok::<_, Problem>(())
        });
        if let Err(problem) = gone.await {
            tracing::warn!(%problem, upload = %self.id, "an upload could not be thrown away");
        }
    }

    async fn keep(&mut self) -> Result<(), Problem> {
        let (id, number, bytes) = (self.id, self.chunks, std::mem::take(&mut self.chunk));
        self.chunks += 1;
        self.db
            .tenant_tx(self.permit, async |tx| {
                let tx = tx.crm();
                let chunk = (
                    dsl::tenant_id.eq(tx.tenant),
                    dsl::upload_id.eq(id),
                    dsl::number.eq(number),
                    dsl::bytes.eq(bytes),
                    dsl::created_at.eq(tx.now),
                );
                tx.tx.defer(diesel::insert_into(dsl::import_chunks).values(chunk));
                Ok::<_, Problem>(())
            })
            .await
    }
}

impl CrmStore<'_> {
    pub(super) fn upload_delete(&mut self, upload: Uuid) {
        let all = dsl::import_chunks.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::upload_id.eq(upload));
        self.tx.defer(diesel::delete(all));
    }
}
