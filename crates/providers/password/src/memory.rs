//! Reuses the memory of hashes.
//!
//! A hash needs 19 MiB. If such blocks were allocated for each hash, they would end up in whichever arena of
//! the allocator the thread happens to use, and stay there: after some hundred sign-ins a process would be
//! ten times as large. So the next hash uses the memory of a finished one. The number of blocks is the
//! highest number of concurrent hashes so far, which the provider limits.

use crate::hasher::MEMORY_KIB;
use argon2::Block;
use std::sync::{Mutex, PoisonError};

/// A pool of memory for hashes.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Runs `work` on `blocks` blocks, which contain data of an earlier hash: hashing overwrites each block
    /// before reading it.
    pub(crate) fn with<R>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> R) -> R {
        let mut memory = self.free().pop().unwrap_or_default();
        if memory.len() < blocks {
            // The old contents need not be copied.
            memory = vec![Block::new(); blocks.max(USUAL)];
        }
        let answer = work(&mut memory[..blocks]);
        // A hash with foreign parameters may need more memory; such a large block is not pooled.
        if memory.len() == USUAL {
            self.free().push(memory);
        }
        answer
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The contents, which were computed from passwords, are not shown.
        f.debug_struct("Memory").field("kept", &self.free().len()).finish()
    }
}

/// The number of blocks of a hash with our parameters: one per KiB.
const USUAL: usize = MEMORY_KIB as usize;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(memory: &Memory) -> Vec<*const Block> {
        memory.free().iter().map(|blocks| blocks.as_ptr()).collect()
    }

    #[test]
    fn the_next_hash_reuses_the_memory_of_a_finished_one() {
        let memory = Memory::default();
        memory.with(USUAL, |blocks| assert_eq!(blocks.len(), USUAL));
        let first = kept(&memory);
        memory.with(USUAL, |_| assert!(kept(&memory).is_empty(), "it is in use"));
        memory.with(64, |blocks| assert_eq!(blocks.len(), 64));
        assert_eq!(kept(&memory), first, "the same memory is reused, however often");
    }

    #[test]
    fn the_pool_is_as_large_as_the_most_concurrent_hashes() {
        let memory = Memory::default();
        memory.with(USUAL, |_| memory.with(USUAL, |_| ()));
        memory.with(USUAL, |_| ());
        assert_eq!(kept(&memory).len(), 2);
    }

    #[test]
    fn larger_memory_for_a_foreign_hash_is_not_pooled() {
        let memory = Memory::default();
        memory.with(USUAL + 1, |blocks| assert_eq!(blocks.len(), USUAL + 1));
        assert!(kept(&memory).is_empty());
    }
}
