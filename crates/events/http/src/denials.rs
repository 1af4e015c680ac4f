//! The denials of booking and of the waitlist, which clients and staff have in common.

/// Why a spot is refused.
pub(crate) const BOOK: [&str; 11] = [
    "events.book.already_booked",
    "events.book.client_archived",
    "events.book.full",
    "events.book.location_closed",
    "events.book.location_not_selected",
    "events.book.location_restricted",
    "events.book.not_open",
    "events.book.others_wait",
    "events.book.outside_hours",
    "events.book.started",
    "events.book.visitors_not_taken",
];

/// Why a place on the waitlist is refused.
pub(crate) const WAIT: [&str; 12] = [
    "events.book.already_booked",
    "events.book.client_archived",
    "events.book.location_closed",
    "events.book.location_not_selected",
    "events.book.location_restricted",
    "events.book.not_open",
    "events.book.outside_hours",
    "events.book.started",
    "events.book.visitors_not_taken",
    "events.wait.already_waiting",
    "events.wait.spots_free",
    "events.wait.waitlist_full",
];
