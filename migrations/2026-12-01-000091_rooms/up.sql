-- Rooms of a location (EVT-19). Events name the room in which they take place.
CREATE TABLE events.rooms (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 10000),
    equipment text[] NOT NULL CHECK (cardinality(equipment) <= 50),
    -- Local times between which events may take place; null: as long as the location wants.
    opens_at time,
    closes_at time,
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- Referred to by events: a room of another location is none of theirs.
    UNIQUE (tenant_id, organization_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    CHECK ((opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at)
);
CREATE UNIQUE INDEX rooms_name ON events.rooms (tenant_id, organization_id, lower(name)) WHERE status = 'active';
CREATE INDEX rooms_list ON events.rooms (tenant_id, name, id);
CALL runtime.protect('events.rooms');
GRANT SELECT, INSERT, UPDATE ON events.rooms TO tryzore_api;

ALTER TABLE events.events
    ADD COLUMN room_id uuid,
    ADD FOREIGN KEY (tenant_id, organization_id, room_id) REFERENCES events.rooms (tenant_id, organization_id, id);
CREATE INDEX events_room ON events.events (tenant_id, room_id, ends_at) WHERE room_id IS NOT NULL;
