//! What staff see and do.

pub(crate) mod events;
mod offer;
pub(crate) mod rooms;
pub(crate) mod series;
pub(crate) mod templates;
