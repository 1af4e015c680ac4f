//! What the use cases of this crate ask for.

pub use tryzore_rbac::catalogue::{
    CreateOrganization, DeleteOrganization, EditOrganization, EditSettings, ManageStaff, ViewAnalytics,
    ViewOrganizations,
};
