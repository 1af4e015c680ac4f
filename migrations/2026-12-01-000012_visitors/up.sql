-- Who has been at a location, one after the other: the list of clients skips from one to the next.
CREATE INDEX bookings_visitors ON events.bookings (tenant_id, attended_organization_id, client_id)
    WHERE status IN ('booked', 'attended', 'no_show');
