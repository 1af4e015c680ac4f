-- Who of the staff booked, canceled or put in line for a client; null where the client did it.
ALTER TABLE events.bookings
    ADD COLUMN booked_by_user_id uuid,
    ADD COLUMN canceled_by_user_id uuid;
ALTER TABLE events.waitlist_entries ADD COLUMN added_by_user_id uuid;
