CREATE SCHEMA events;
GRANT USAGE ON SCHEMA events TO tryzore_api, tryzore_work;

-- EVT-02
CREATE TABLE events.templates (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Null: for every location of the tenant.
    organization_id uuid,
    kind text NOT NULL CHECK (kind IN ('class', 'tour', 'appointment')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    difficulty text CHECK (difficulty IN ('beginner', 'intermediate', 'advanced')),
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 1440),
    default_spots integer NOT NULL CHECK (default_spots BETWEEN 1 AND 10000),
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    is_franchise_template boolean NOT NULL DEFAULT false,
    franchise_template_id uuid,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    FOREIGN KEY (tenant_id, franchise_template_id) REFERENCES events.templates (tenant_id, id)
);
CREATE INDEX templates_organization ON events.templates (tenant_id, organization_id, id);
CALL runtime.protect('events.templates');
GRANT SELECT, INSERT, UPDATE ON events.templates TO tryzore_api, tryzore_work;

-- Events that repeat: rule, zone and local time are kept, so that 18:30 stays 18:30.
CREATE TABLE events.series (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    template_id uuid,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    kind text NOT NULL CHECK (kind IN ('class', 'tour', 'appointment')),
    staff_user_id uuid,
    time_zone text NOT NULL,
    starts_on date NOT NULL,
    local_time time NOT NULL,
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 1440),
    rule text NOT NULL,
    excluded_dates date[] NOT NULL DEFAULT '{}',
    spots_total integer NOT NULL CHECK (spots_total BETWEEN 1 AND 10000),
    location text NOT NULL DEFAULT '',
    allow_cross_location_booking boolean NOT NULL DEFAULT true,
    external_uid text,
    -- Events of the series exist up to this local date.
    materialized_until date,
    status text NOT NULL CHECK (status IN ('active', 'ended')),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES events.templates (tenant_id, id)
);
CREATE INDEX series_due ON events.series (materialized_until) WHERE status = 'active';
CREATE INDEX series_organization ON events.series (tenant_id, organization_id, id);
CREATE UNIQUE INDEX series_external ON events.series (tenant_id, organization_id, external_uid) WHERE external_uid IS NOT NULL;
CALL runtime.protect('events.series', scannable => true);
GRANT SELECT, INSERT, UPDATE ON events.series TO tryzore_api, tryzore_work;

-- Domains, as each booking writes these tables: see runtime.outcome.
CREATE DOMAIN events.event_kind AS text CHECK (VALUE IN ('class', 'tour', 'appointment'));
CREATE DOMAIN events.event_status AS text
    CHECK (VALUE IN ('scheduled', 'confirmed', 'in_progress', 'completed', 'canceled'));
CREATE DOMAIN events.event_name AS text CHECK (length(VALUE) BETWEEN 1 AND 255);
CREATE DOMAIN events.spots AS integer CHECK (VALUE BETWEEN 1 AND 10000);
CREATE DOMAIN events.booking_status AS text
    CHECK (VALUE IN ('booked', 'attended', 'canceled', 'canceled_late', 'no_show'));
CREATE DOMAIN events.minor AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN events.currency AS text CHECK (VALUE ~ '^[A-Z]{3}$');

-- EVT-01. `spots_booked` counts the bookings that hold a spot; it changes in their transactions
-- only, and the check guards the capacity whatever the rule has done.
CREATE TABLE events.events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    kind events.event_kind NOT NULL,
    template_id uuid,
    series_id uuid,
    name events.event_name NOT NULL,
    staff_user_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    spots_total events.spots NOT NULL,
    spots_booked integer NOT NULL DEFAULT 0,
    location text NOT NULL DEFAULT '',
    allow_cross_location_booking boolean NOT NULL DEFAULT true,
    status events.event_status NOT NULL,
    status_reason text,
    external_uid text,
    -- The local date in its series, so that an occurrence exists once.
    occurrence_on date,
    -- When those who booked were reminded; forgotten when it is moved.
    reminded_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES events.templates (tenant_id, id),
    FOREIGN KEY (tenant_id, series_id) REFERENCES events.series (tenant_id, id),
    CONSTRAINT events_capacity CHECK (spots_booked BETWEEN 0 AND spots_total),
    CONSTRAINT events_span CHECK (ends_at > starts_at)
) WITH (fillfactor = 80);
CREATE INDEX events_start ON events.events (tenant_id, organization_id, starts_at, id);
CREATE INDEX events_tenant_start ON events.events (tenant_id, starts_at, id);
-- What the worker looks for over all tenants.
CREATE INDEX events_due ON events.events (ends_at) WHERE status IN ('scheduled', 'confirmed', 'in_progress');
CREATE INDEX events_remind ON events.events (starts_at) WHERE reminded_at IS NULL AND status IN ('scheduled', 'confirmed');
CREATE INDEX events_staff ON events.events (tenant_id, staff_user_id, starts_at);
CREATE UNIQUE INDEX events_occurrence ON events.events (tenant_id, series_id, occurrence_on) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX events_external ON events.events (tenant_id, organization_id, external_uid) WHERE external_uid IS NOT NULL;
CALL runtime.protect('events.events', scannable => true);
GRANT SELECT, INSERT, UPDATE ON events.events TO tryzore_api, tryzore_work;

-- EVT-03. The statuses booked, attended and no_show hold a spot.
CREATE TABLE events.bookings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    client_id uuid NOT NULL,
    user_id uuid NOT NULL,
    -- Where the client is at home (booked from) and where the event takes place (attended).
    booking_organization_id uuid NOT NULL,
    attended_organization_id uuid NOT NULL,
    status events.booking_status NOT NULL,
    status_at timestamptz NOT NULL,
    is_first_timer boolean NOT NULL,
    from_waitlist boolean NOT NULL DEFAULT false,
    price_minor events.minor NOT NULL DEFAULT 0,
    currency events.currency NOT NULL,
    -- For giving back late or not coming; zero when excused.
    fee_minor events.minor NOT NULL DEFAULT 0,
    excuse text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES events.events (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES crm.clients (tenant_id, id)
);
CREATE UNIQUE INDEX bookings_once ON events.bookings (tenant_id, event_id, client_id)
    WHERE status IN ('booked', 'attended', 'no_show');
CREATE INDEX bookings_event ON events.bookings (tenant_id, event_id, created_at);
CREATE INDEX bookings_attended_at ON events.bookings (tenant_id, attended_organization_id, created_at);
CREATE INDEX bookings_client ON events.bookings (tenant_id, client_id, created_at);
-- Whether somebody has ever come, without going through all that she booked.
CREATE INDEX bookings_attended ON events.bookings (tenant_id, client_id) WHERE status = 'attended';
CALL runtime.protect('events.bookings');
GRANT SELECT, INSERT, UPDATE ON events.bookings TO tryzore_api, tryzore_work;

-- EVT-04. The position in line is the rank of `place` among those who wait.
CREATE TABLE events.waitlist_entries (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    place bigint NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    user_id uuid NOT NULL,
    -- The location that the client had switched to when joining; it counts when her turn comes.
    current_organization_id uuid,
    -- The code of the reason for which she was passed over last.
    passed_over text,
    status text NOT NULL CHECK (status IN ('waiting', 'promoted', 'left', 'expired')),
    added_at timestamptz NOT NULL,
    status_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id, place),
    FOREIGN KEY (tenant_id, event_id) REFERENCES events.events (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES crm.clients (tenant_id, id)
);
CREATE UNIQUE INDEX waitlist_once ON events.waitlist_entries (tenant_id, event_id, client_id) WHERE status = 'waiting';
CREATE INDEX waitlist_line ON events.waitlist_entries (tenant_id, event_id, place) WHERE status = 'waiting';
CREATE INDEX waitlist_client ON events.waitlist_entries (tenant_id, client_id) WHERE status = 'waiting';
CALL runtime.protect('events.waitlist_entries', scannable => true);
GRANT SELECT, INSERT, UPDATE ON events.waitlist_entries TO tryzore_api, tryzore_work;
