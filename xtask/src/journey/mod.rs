//! The product's story, played against the running services: what an owner, a trainer, the front desk and clients
//! do over HTTP, the decisions, and their reasons.
//!
//! - [`caller`]: a caller of the services.
//! - [`imports`]: imports from another system, and the preview of a series.
//! - [`invitations`]: a new employee.
//! - [`onboarding`]: a second brand, from its first visit to its dashboard.
//! - [`operators`]: the platform suspends the second brand, gives the reason, and activates it again.
//! - [`story`]: the chapters. Each states what must be true, and fails when it is not.

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

/// Prints the story and counts the checks.
#[derive(Debug, Default)]
pub struct Teller {
    checked: usize,
    addresses: Addresses,
}

impl Teller {
    /// A story about the services at these addresses.
    #[must_use]
    pub fn of(addresses: Addresses) -> Self {
        Self { checked: 0, addresses }
    }

    /// The addresses of the services.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Begins a chapter.
    pub fn chapter(&self, title: &str) {
        say!("\n{title}");
    }

    /// Prints something that happened.
    pub fn says(&self, line: impl Display) {
        say!("  {line}");
    }

    /// Checks something that must be true.
    pub fn holds(&mut self, line: impl Display, so: bool) -> anyhow::Result<()> {
        ensure!(so, "the story went wrong: it should be that {line}");
        self.checked += 1;
        say!("  ✓ {line}");
        Ok(())
    }

    /// Prints the end.
    pub fn ends(&self) {
        say!("\n{} passed, 0 failed", self.checked);
    }
}
