//! The worker: the background work of the services.
//!
//! - [`program`]: the work in three tables: [`tasks`] (kinds of jobs), [`subscriptions`] (reactions to
//!   events), [`mod@schedule`] (periodic work).
//! - [`mail`]: letters, from the event to the relay. [`sweeps`]: searches for due work, every minute.
//! - [`overrides`]: takes manual overrides back that nobody confirmed.
//! - [`sign_out`]: ends the session at the identity provider after a sign-out.
//! - [`follow_events`]: reads what no webhook of the identity provider has reported. [`link_users`]: the command
//!   that changes the provider.
//! - [`services`]: what jobs work with. [`settings`]: the configuration.
//! - [`worker`]: dispatcher, runner and scheduler, until the stop signal. [`dead`]: dead jobs at the command
//!   line.
//!
//! Any number of workers may run side by side; the database guards what only one may do at a time.

pub mod dead;
mod deliveries;
pub mod follow_events;
pub mod link_users;
pub mod mail;
pub mod overrides;
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
