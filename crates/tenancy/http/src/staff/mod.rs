//! What staff and owners see and do.

pub(crate) mod employees;
pub(crate) mod onboarding;
pub(crate) mod organizations;
