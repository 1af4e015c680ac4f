//! What staff see and do.

pub(crate) mod clients;
pub(crate) mod imports;
