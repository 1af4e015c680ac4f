//! Recomputing a chain of seals, and naming the first part that is not valid.

use super::{AuditLine, Digest, Entry, Seal};
use std::{fmt, str::FromStr};
use tryzore_kernel::{AuditId, TenantId};

/// The head of a chain: its last seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The number of the last seal; 0 when there is no seal.
    pub number: i64,
    /// The number of the last line that a seal covers.
    pub last: i64,
    /// The hash of the last seal; zeros when there is no seal.
    pub hash: Digest,
}

/// The first part of a chain that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A seal is missing.
    #[error("seal {number} is missing")]
    SealMissing {
        /// The number of the missing seal.
        number: i64,
    },
    /// A seal was changed: its hash, its range or its position in the chain.
    #[error("seal {number} was changed")]
    SealChanged {
        /// The number of the seal.
        number: i64,
    },
    /// A line was changed.
    #[error("line {seq} ({id}, seal {number}) was changed")]
    LineChanged {
        /// The number of the seal that covers the line.
        number: i64,
        /// The number of the line.
        seq: i64,
        /// The current id of the line.
        id: AuditId,
    },
    /// A line is missing.
    #[error("line {seq} (seal {number}) is missing")]
    LineMissing {
        /// The number of the seal that covers the line.
        number: i64,
        /// The number of the line.
        seq: i64,
    },
    /// A line was added after its number was sealed.
    #[error("line {seq} ({id}) was inserted into seal {number}")]
    LineInserted {
        /// The number of the seal that covers the line.
        number: i64,
        /// The number of the line.
        seq: i64,
        /// The id of the line.
        id: AuditId,
    },
    /// The chain does not contain the seal that was noted earlier.
    #[error("seal {number} differs from the noted seal, or is missing")]
    NotAsNoted {
        /// The number of the noted seal.
        number: i64,
    },
}

/// A check that recomputes a chain, one seal at a time.
#[derive(Debug)]
pub struct Chain {
    tenant: TenantId,
    head: Head,
    expected: Option<Noted>,
}

impl Chain {
    /// Starts the check of the chain of `tenant`, before its first seal.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant, head: Head::default(), expected: None }
    }

    /// Requires that the chain contains a seal that was noted earlier, outside the database.
    #[must_use]
    pub const fn expect(mut self, noted: Noted) -> Self {
        self.expected = Some(noted);
        self
    }

    /// The head of the chain after the seals that were checked.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Checks the next seal against `lines`: all current lines with a number that the seal covers, in
    /// order.
    ///
    /// # Errors
    /// The first [`Break`].
    pub fn check(&mut self, seal: &Seal, lines: &[AuditLine]) -> Result<(), Break> {
        let number = seal.number;
        if number > self.head.number + 1 {
            return Err(Break::SealMissing { number: self.head.number + 1 });
        }
        let joins = number == self.head.number + 1
            && seal.first == self.head.last + 1
            && seal.previous == self.head.hash
            && seal.entries.last().is_some_and(|entry| entry.seq == seal.last);
        if !joins || seal.compute(self.tenant) != seal.hash {
            return Err(Break::SealChanged { number });
        }
        self.check_lines(number, &seal.entries, lines)?;
        if self.expected.is_some_and(|noted| noted.number == number && noted.hash != seal.hash) {
            return Err(Break::NotAsNoted { number });
        }
        self.head = seal.head();
        Ok(())
    }

    /// Ends the check and returns the head of the chain.
    ///
    /// # Errors
    /// [`Break::NotAsNoted`] when the chain ends before the seal that was noted.
    pub fn finish(self) -> Result<Head, Break> {
        match self.expected {
            Some(noted) if noted.number > self.head.number => Err(Break::NotAsNoted { number: noted.number }),
            _ => Ok(self.head),
        }
    }

    fn check_lines(&self, number: i64, entries: &[Entry], lines: &[AuditLine]) -> Result<(), Break> {
        let (mut entries, mut lines) = (entries.iter().peekable(), lines.iter().peekable());
        loop {
            match (entries.peek(), lines.peek()) {
                (None, None) => return Ok(()),
                (Some(entry), Some(line)) if entry.seq == line.seq => {
                    if line.digest(self.tenant) != entry.digest {
                        return Err(Break::LineChanged { number, seq: line.seq, id: line.id });
                    }
                    entries.next();
                    lines.next();
                }
                (Some(entry), line) if line.is_none_or(|line| entry.seq < line.seq) => {
                    return Err(Break::LineMissing { number, seq: entry.seq });
                }
                (_, Some(line)) => {
                    return Err(Break::LineInserted { number, seq: line.seq, id: line.id });
                }
                (Some(entry), None) => return Err(Break::LineMissing { number, seq: entry.seq }),
            }
        }
    }
}

/// Recomputes the chain of `tenant` from `seals` and `lines`, both in order. Lines after the last seal are
/// not checked.
///
/// # Errors
/// The first [`Break`].
pub fn verify(tenant: TenantId, seals: &[Seal], lines: &[AuditLine]) -> Result<Head, Break> {
    let mut chain = Chain::new(tenant);
    for seal in seals {
        let covered: Vec<_> = lines
            .iter()
            .filter(|line| (chain.head.last + 1..=seal.last).contains(&line.seq))
            .cloned()
            .collect();
        chain.check(seal, &covered)?;
    }
    chain.finish()
}

/// A seal that was noted outside the database, printed as `number:hash` with the hash in hexadecimal
/// digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// The number of the seal.
    pub number: i64,
    /// Its hash.
    pub hash: Digest,
}

/// The error for a text that is not a noted seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the number of a seal, a colon and 64 hexadecimal digits")]
pub struct BadNote;

impl From<Head> for Noted {
    fn from(head: Head) -> Self {
        Self { number: head.number, hash: head.hash }
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.number)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Noted {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let (number, digits) = text.split_once(':').ok_or(BadNote)?;
        let number = number.parse().map_err(|_| BadNote)?;
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(BadNote);
        }
        let mut hash = Digest::default();
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| BadNote)?;
        }
        Ok(Self { number, hash })
    }
}

#[cfg(test)]
mod tests;
