-- AUT-14. What happened to accounts, for their users. Append-only by privilege: only the worker deletes what is
-- older than 400 days. No event is about an address that nobody has. Global: an account is of no tenant.
CREATE TABLE identity.auth_events (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    session_id uuid,
    device_id uuid,
    ip_address text,
    -- The /24 or /64 around the address.
    network text,
    user_agent text CHECK (length(user_agent) <= 255),
    risk text NOT NULL CHECK (risk IN ('none', 'elevated', 'high')),
    signals text[] NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX auth_events_user ON identity.auth_events (user_id, id DESC);
CREATE INDEX auth_events_kind ON identity.auth_events (user_id, kind, at DESC);
CREATE INDEX auth_events_age ON identity.auth_events (at);
GRANT SELECT, INSERT ON identity.auth_events TO tryzore_api;
GRANT SELECT, INSERT, DELETE ON identity.auth_events TO tryzore_work;

-- AUT-13. Devices that name themselves, once per user.
CREATE TABLE identity.devices (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    named text NOT NULL CHECK (length(named) <= 255),
    name text CHECK (length(name) <= 255),
    user_agent text CHECK (length(user_agent) <= 255),
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    trusted_at timestamptz,
    revoked_at timestamptz,
    UNIQUE (user_id, named),
    CONSTRAINT devices_trusted CHECK (trusted_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX devices_seen ON identity.devices (user_id, last_seen_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX devices_age ON identity.devices (last_seen_at);
GRANT SELECT, INSERT, UPDATE ON identity.devices TO tryzore_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.devices TO tryzore_work;

-- The devices of the sessions so far are known, so that their next sign-in is none on a new device.
INSERT INTO identity.devices (id, user_id, named, name, user_agent, first_seen_at, last_seen_at)
SELECT gen_random_uuid(), s.user_id, s.device_id, max(s.device_name), max(s.user_agent), min(s.created_at),
       max(s.last_active)
FROM identity.sessions s WHERE s.device_id IS NOT NULL AND s.acting_reason IS NULL
GROUP BY s.user_id, s.device_id;

-- AUT-12. No row: the default settings.
CREATE TABLE identity.security_settings (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id) ON DELETE CASCADE,
    mail_on_new_device boolean NOT NULL,
    session_days smallint NOT NULL CHECK (session_days BETWEEN 1 AND 365),
    require_trusted_device boolean NOT NULL,
    updated_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON identity.security_settings TO tryzore_api, tryzore_work;
