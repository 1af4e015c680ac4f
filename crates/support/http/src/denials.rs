//! The denials of the domains whose data is overridden.

/// Why a change is not possible: in a preview and at its execution.
pub(crate) const CHANGE: [&str; 18] = [
    "events.book.already_booked",
    "events.book.client_archived",
    "events.book.location_closed",
    "events.book.location_not_selected",
    "events.book.location_restricted",
    "events.book.visitors_not_taken",
    "events.excuse.no_fee",
    "events.override.no_attendance",
    "events.override.no_fee",
    "events.override.no_more_spots",
    "events.override.not_canceled",
    "events.override.not_started",
    "events.override.over",
    "events.override.same",
    "rbac.give.exceeds_own",
    "rbac.override.denied",
    "rbac.override.held",
    "rbac.override.own",
];
