//! What the use cases of this crate ask for.

pub use tryzore_rbac::catalogue::{
    BookEvent, BrowseSchedule, CancelEvent, CreateEvent, EditEvent, ManageAttendance, ViewEvents,
};
