//! The ports of the events crate.

mod desk;
mod rows;
