//! The sandbox: local stand-ins for the providers that the product uses. **Development only.**
//!
//! The product runs on a laptop without keys and network, with the same code as in production; only base URLs
//! differ. Each external service (mail today; payments, doors, text messages later) is a provider of this one
//! process: a folder module under [`providers`] with its routes, its listeners and its tab on the page for
//! people. The providers use the [`shared`] state: its clock, its failure switches, its change signal.
//!
//! **Invariants.** The sandbox binds to 127.0.0.1 only, speaks no TLS and stores nothing on disk: its data are
//! limited and gone when it stops. It contains no second adapter of the product: it is the far end of a
//! socket.
//!
//! Tests start it in their own process; it runs on a thread of its own, so that tests with different runtimes
//! can share one:
//!
//!
//! ```
//! use tryzore_sandbox::{Options, Sandbox};
//! let running = Sandbox::start(Options::any_ports())?;
//! assert!(running.http_url.starts_with("http://127.0.0.1:"));
//! # Ok::<(), tryzore_sandbox::StartError>(())
//! ```

mod http;
mod options;
mod page;
mod providers;
mod running;
mod shared;

pub use options::{Credentials, Options, OptionsError};
pub use running::{Running, Sandbox, StartError};
