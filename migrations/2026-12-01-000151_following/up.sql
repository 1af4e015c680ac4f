-- Up to where the events of a provider were read, so that what no webhook reported is followed later. Global:
-- the events of a provider concern all tenants.
CREATE TABLE webhooks.cursors (
    provider text PRIMARY KEY CHECK (length(provider) BETWEEN 1 AND 50),
    -- The id of the last event.
    cursor text CHECK (length(cursor) BETWEEN 1 AND 255),
    moved_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON webhooks.cursors TO tryzore_work;
GRANT INSERT (id, provider, external_id, event_type, headers, raw_payload, received_at)
    ON webhooks.deliveries TO tryzore_work;

-- Whether someone has a password, not the password.
GRANT SELECT (user_id) ON identity.credentials TO tryzore_work;
