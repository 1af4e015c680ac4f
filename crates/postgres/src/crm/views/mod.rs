//! What screens show of clients, beside the queries that read it.

pub mod activity;
pub mod history;
mod imports;
pub mod list;
pub mod list_sql;

pub use activity::LocationActivity;
pub use history::Visit;
pub use list::{ClientFilter, ClientLine, Presence, StatusFilter};
