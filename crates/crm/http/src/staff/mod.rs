//! What staff see and do.

pub(crate) mod clients;
pub(crate) mod consents;
pub(crate) mod imports;
