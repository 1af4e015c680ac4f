//! A seal over a batch of lines.

use super::{AuditLine, Break, Head};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use tryzore_kernel::TenantId;

/// A SHA-256 hash.
pub type Digest = [u8; 32];

/// The entry of a seal for one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The number of the line.
    pub seq: i64,
    /// The digest of the line.
    pub digest: Digest,
}

/// A seal over a batch of lines of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The number of the seal: 1 for the first seal of the tenant, and so on.
    pub number: i64,
    /// The first number that the seal covers: one after the last number of the previous seal, or 1.
    pub first: i64,
    /// The last number that the seal covers, which is the number of its last line.
    pub last: i64,
    /// The entries, in the order of their numbers; never empty.
    pub entries: Vec<Entry>,
    /// The hash of the previous seal; zeros in the first seal.
    pub previous: Digest,
    /// The hash of this seal.
    pub hash: Digest,
    /// When the seal was made.
    pub sealed_at: DateTime<Utc>,
}

const VERSION: &[u8] = b"tryzore audit seal 1";
const ENTRY: usize = 40;

impl Seal {
    /// Seals `lines`, in the order of their numbers, after `head`; `None` when there are no lines. The
    /// caller guarantees that no line between `head` and the last line is missing or can still appear.
    #[must_use]
    pub fn over(tenant: TenantId, head: Head, lines: &[AuditLine], now: DateTime<Utc>) -> Option<Self> {
        let last = lines.last()?.seq;
        let entries = lines.iter().map(|line| Entry { seq: line.seq, digest: line.digest(tenant) });
        let mut seal = Self {
            number: head.number + 1,
            first: head.last + 1,
            last,
            entries: entries.collect(),
            previous: head.hash,
            hash: Digest::default(),
            sealed_at: now,
        };
        seal.hash = seal.compute(tenant);
        Some(seal)
    }

    /// The head of the chain after this seal.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head { number: self.number, last: self.last, hash: self.hash }
    }

    /// The hash that the seal should have: SHA-256 of the text `tryzore audit seal 1`, tenant (16 bytes),
    /// number, first, last and the microseconds of its time (8 bytes each, big-endian), the hash of the
    /// previous seal (32), and [`Seal::entry_bytes`]. All but the last are of fixed length.
    #[must_use]
    pub fn compute(&self, tenant: TenantId) -> Digest {
        let mut hash = Sha256::new();
        hash.update(VERSION);
        hash.update(tenant.uuid().as_bytes());
        for number in [self.number, self.first, self.last, self.sealed_at.timestamp_micros()] {
            hash.update(number.to_be_bytes());
        }
        hash.update(self.previous);
        hash.update(self.entry_bytes());
        hash.finalize().into()
    }

    /// The entries as they are stored: 40 bytes each, the number (8, big-endian) and the digest.
    #[must_use]
    pub fn entry_bytes(&self) -> Vec<u8> {
        self.entries
            .iter()
            .flat_map(|entry| [&entry.seq.to_be_bytes()[..], &entry.digest[..]].concat())
            .collect()
    }

    /// Reads the entries from their stored bytes.
    ///
    /// # Errors
    /// [`Break::SealChanged`] when the bytes cannot be read as entries.
    pub fn entries_of(number: i64, bytes: &[u8]) -> Result<Vec<Entry>, Break> {
        let entry = |bytes: &[u8]| {
            let (seq, digest) = bytes.split_first_chunk::<8>()?;
            Some(Entry { seq: i64::from_be_bytes(*seq), digest: digest.try_into().ok()? })
        };
        bytes.chunks(ENTRY).map(|bytes| entry(bytes).ok_or(Break::SealChanged { number })).collect()
    }
}
