//! The client data of screens, each next to the query that reads it.

pub mod activity;
pub mod history;
mod imports;
pub mod list;
pub mod list_sql;

pub use activity::LocationActivity;
pub use history::Visit;
pub use list::{ClientFilter, ClientLine, Presence, StatusFilter};
