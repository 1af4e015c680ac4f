//! An uploaded file that can be read like any other; one chunk of it is in memory at a time.
//!
//! Reading blocks, so call it on a thread of its own.

use super::upload::CHUNK;
use crate::Crm;
use std::io::{self, Read, Seek, SeekFrom};
use tokio::runtime::Handle;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::{Permit, catalogue::CreateClient};
use uuid::Uuid;

pub(super) struct UploadedFile {
    pub(super) db: Db,
    pub(super) permit: Permit<CreateClient>,
    pub(super) runtime: Handle,
    pub(super) upload: Uuid,
    pub(super) bytes: u64,
    pub(super) position: u64,
    // The number of the current chunk, and its bytes.
    pub(super) chunk: Option<(u64, Vec<u8>)>,
    // Why the last read failed, when the file itself is not the reason.
    pub(super) failure: Option<Problem>,
}

impl UploadedFile {
    fn fetch(&mut self, number: u64) -> io::Result<()> {
        if self.chunk.as_ref().is_some_and(|(at, _)| *at == number) {
            return Ok(());
        }
        let (upload, index) = (self.upload, i32::try_from(number).unwrap_or(i32::MAX));
        let found = self.db.tenant_tx(&self.permit, async |tx| tx.crm().chunk_find(upload, index).await);
        let found = self.runtime.block_on(found).and_then(|chunk| {
            chunk.ok_or_else(|| {
                tracing::error!(%upload, index, "a chunk of an upload is gone");
                Problem::not_found("file")
            })
        });
        match found {
            Ok(chunk) => {
                self.chunk = Some((number, chunk));
                Ok(())
            }
            Err(problem) => {
                let error = io::Error::other(problem.to_string());
                self.failure = Some(problem);
                Err(error)
            }
        }
    }
}

impl Read for UploadedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.bytes || buffer.is_empty() {
            return Ok(0);
        }
        let size = CHUNK as u64;
        self.fetch(self.position / size)?;
        let offset = usize::try_from(self.position % size).unwrap_or(usize::MAX);
        let chunk = self.chunk.as_ref().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        let rest = chunk.get(offset..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for UploadedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
