//! Who may see an event or a decision that is about somebody else.
//!
//! The person concerned always may, and for a decision the caller of the command. Everybody else needs the
//! permission that the event or the command declares, at the location where it happened.
//!
//! **Invariant:** what declares no permission is seen by the person concerned alone, so nothing is shown
//! to anyone by accident.

/// Who may see an event or a decision, besides the person concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audience(Option<&'static str>);

impl Audience {
    /// Nobody but the person concerned.
    pub const SUBJECT: Self = Self(None);

    /// Also whoever holds `permission` (`events.view_all`) at the location of the event or the decision.
    #[must_use]
    pub const fn holders_of(permission: &'static str) -> Self {
        Self(Some(permission))
    }

    /// The permission that shows the event or the decision to others; it is stored with both.
    #[must_use]
    pub const fn permission(self) -> Option<&'static str> {
        self.0
    }
}
