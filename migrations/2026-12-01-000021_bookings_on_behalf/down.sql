ALTER TABLE events.waitlist_entries DROP COLUMN added_by_user_id;
ALTER TABLE events.bookings
    DROP COLUMN canceled_by_user_id,
    DROP COLUMN booked_by_user_id;
