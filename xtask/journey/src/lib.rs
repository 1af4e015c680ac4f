//! The product's story, played against the running services: what an owner, a trainer, the front desk and clients
//! do over HTTP, the decisions, and their reasons. `cargo xtask journey` runs the program of this crate.
//!
//! - [`imports`]: imports from another system, and the preview of a series.
//! - [`invitations`]: a new employee.
//! - [`onboarding`]: a second brand, from its first visit to its dashboard.
//! - [`operators`]: the platform suspends the second brand, gives the reason, and activates it again.
//! - [`story`]: the chapters. Each states what must be true, and fails when it is not.

pub mod imports;
pub mod invitations;
pub mod onboarding;
pub mod operators;
pub mod story;

use anyhow::ensure;
use std::fmt::Display;
use xtask::say;

/// The options of the program.
#[derive(Debug, Clone, clap::Parser)]
#[command(bin_name = "cargo xtask journey", about = "Drive the running services through the product's story")]
pub struct Options {
    /// The address of crm-api
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    crm: String,
    /// The address of app-api
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    app: String,
    /// The address of the sandbox
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    sandbox: String,
}

impl Options {
    /// The addresses of the services, by default those of `cargo xtask up`.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        Addresses::at(&self.crm, &self.app, &self.sandbox)
    }
}

/// Drives the services at `addresses` through the story; fails when it goes wrong.
pub async fn run(addresses: Addresses) -> anyhow::Result<()> {
    let mut teller = Teller::of(addresses);
    story::tell(&mut teller).await?;
    teller.ends();
    Ok(())
}

/// The addresses of the services.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The CRM's backend.
    pub crm: String,
    /// The mobile app's backend.
    pub app: String,
    /// The mailbox of the sandbox.
    pub mail: String,
}

impl Addresses {
    /// The services at these addresses, which have no path.
    #[must_use]
    pub fn at(crm: &str, app: &str, sandbox: &str) -> Self {
        Self { crm: format!("{crm}/api/v1"), app: format!("{app}/api/v1"), mail: format!("{sandbox}/mail") }
    }
}

/// Prints the story and counts the checks.
#[derive(Debug)]
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
