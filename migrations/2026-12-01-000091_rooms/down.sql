DROP INDEX events.events_room;
ALTER TABLE events.events DROP COLUMN room_id;
DROP TABLE events.rooms;
