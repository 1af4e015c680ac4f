//! The memory that hashing fills, kept and used again.
//!
//! A hash fills 19 MiB. Allocated for each hash, such blocks end up in whichever of the allocator's arenas the
//! thread happens to use, and stay there: after some hundred sign-ins a process is ten times as large. So
//! what a hash has filled is handed to the next one. There are as many as hashes were ever computed at once,
//! which the provider bounds.

use crate::hasher::MEMORY_KIB;
use argon2::Block;
use std::sync::{Mutex, PoisonError};

/// Memory for hashes that are computed one after the other, or a few at once.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Runs `work` on `blocks` blocks, which hold whatever an earlier hash has left: hashing overwrites
    /// each before it reads it.
    pub(crate) fn with<R>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> R) -> R {
        let mut memory = self.free().pop().unwrap_or_default();
        if memory.len() < blocks {
            // Nothing needs to be copied over.
            memory = vec![Block::new(); blocks.max(USUAL)];
        }
        let answer = work(&mut memory[..blocks]);
        // A hash from elsewhere may ask for more; that much is not kept.
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
        // What passwords have left in it is nobody's business.
        f.debug_struct("Memory").field("kept", &self.free().len()).finish()
    }
}

/// Blocks of a hash by today's parameters: one a KiB.
const USUAL: usize = MEMORY_KIB as usize;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(memory: &Memory) -> Vec<*const Block> {
        memory.free().iter().map(|blocks| blocks.as_ptr()).collect()
    }

    #[test]
    fn what_one_hash_has_filled_the_next_one_fills_again() {
        let memory = Memory::default();
        memory.with(USUAL, |blocks| assert_eq!(blocks.len(), USUAL));
        let first = kept(&memory);
        memory.with(USUAL, |_| assert!(kept(&memory).is_empty(), "it is in use"));
        memory.with(64, |blocks| assert_eq!(blocks.len(), 64));
        assert_eq!(kept(&memory), first, "however often: the same memory, once");
    }

    #[test]
    fn there_is_as_much_as_was_ever_used_at_once() {
        let memory = Memory::default();
        memory.with(USUAL, |_| memory.with(USUAL, |_| ()));
        memory.with(USUAL, |_| ());
        assert_eq!(kept(&memory).len(), 2);
    }

    #[test]
    fn what_only_a_foreign_hash_needs_is_not_kept() {
        let memory = Memory::default();
        memory.with(USUAL + 1, |blocks| assert_eq!(blocks.len(), USUAL + 1));
        assert!(kept(&memory).is_empty());
    }
}
