DROP INDEX events.bookings_visitors;
