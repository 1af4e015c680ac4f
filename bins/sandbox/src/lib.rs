//! The sandbox: a local shared state of the providers that the product talks to. **Development only.**
//!
//! The product runs on a laptop with no key and no network, through the very code that runs in
//! production; only base URLs differ. What stands outside (mail today; payments, doors, texts
//! later) is a provider of this one process: a folder module under [`providers`] that brings its routes,
//! its listeners and its tab on the page where a person looks. Rooms share the [`shared state`]: its
//! clock, its failure switches, its pulse.
//!
//! **Invariants.** It binds to 127.0.0.1 only, speaks no TLS and keeps nothing on disk: what it
//! holds is bounded and gone when it stops. Nothing here is a second, pretend adapter of the
//! product: it sits at the far end of a socket.
//!
//! Tests start it in their own process; it runs on a thread of its own, so that tests with
//! different runtimes can share one:
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
