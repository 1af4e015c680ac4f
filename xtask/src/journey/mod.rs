//! The product's story, told by the running services: what an owner, a trainer, the front desk and clients do
//! over HTTP, what was decided, and why.
//!
//! - [`caller`]: someone who is signed in and asks.
//! - [`imports`]: what comes along from another system, and what a series will look like.
//! - [`invitations`]: someone new joins the staff.
//! - [`onboarding`]: a second brand, from its first visit to its dashboard.
//! - [`operators`]: the platform closes the second brand's door, says why, and opens it again.
//! - [`story`]: the chapters. Each says what should be, and fails when it is not.

pub mod caller;
pub mod imports;
pub mod invitations;
pub mod onboarding;
pub mod operators;
pub mod story;

use crate::say;
use anyhow::ensure;
use caller::Addresses;
use std::fmt::Display;

/// Tells what happens and counts what was checked.
#[derive(Debug, Default)]
pub struct Teller {
    checked: usize,
    addresses: Addresses,
}

impl Teller {
    /// Tells of the services at these addresses.
    #[must_use]
    pub fn of(addresses: Addresses) -> Self {
        Self { checked: 0, addresses }
    }

    /// Where the services are.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// A new chapter.
    pub fn chapter(&self, title: &str) {
        say!("\n{title}");
    }

    /// Something that happened.
    pub fn says(&self, line: impl Display) {
        say!("  {line}");
    }

    /// Something that must be so.
    pub fn holds(&mut self, line: impl Display, so: bool) -> anyhow::Result<()> {
        ensure!(so, "the story went wrong: it should be that {line}");
        self.checked += 1;
        say!("  ✓ {line}");
        Ok(())
    }

    /// The end.
    pub fn ends(&self) {
        say!("\n{} passed, 0 failed", self.checked);
    }
}
