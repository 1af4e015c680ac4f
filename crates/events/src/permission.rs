//! The permissions that the use cases of this crate require.

pub use tryzore_rbac::catalogue::{
    BookEvent, BrowseSchedule, CancelEvent, CreateEvent, EditEvent, ManageAttendance, ViewEvents,
};
