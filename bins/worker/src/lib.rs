//! The worker: what happens behind the services.
//!
//! - [`program`]: all that it knows how to do. Three tables: [`tasks`] (kinds of jobs),
//!   [`subscriptions`] (what follows which events), [`mod@schedule`] (what is due when).
//! - [`mail`]: letters, from the event to the relay. [`sweeps`]: what is looked for every minute.
//! - [`sign_out`]: who signs out here is signed out at the identity provider.
//! - [`services`]: what it works with. [`settings`]: what it is told.
//! - [`worker`]: dispatcher, runner and schedules, until told to stop. [`dead`]: what was given up,
//!   at the command line.
//!
//! Any number of workers may run side by side; what each does alone is guarded in the database.

pub mod dead;
mod deliveries;
pub mod mail;
pub mod program;
pub mod schedule;
pub mod services;
pub mod settings;
pub mod sign_out;
pub mod subscriptions;
pub mod sweeps;
pub mod tasks;
pub mod worker;

pub use program::PROGRAM;
pub use services::Services;
pub use settings::Settings;
