//! The permissions that the use cases of this crate require.

pub use tryzore_rbac::catalogue::ManualOverrides;
