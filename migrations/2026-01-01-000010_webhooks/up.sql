-- What providers sent us, as it came. The schema of the platform's inbound webhook queue.
CREATE SCHEMA webhooks;
GRANT USAGE ON SCHEMA webhooks TO tryzore_inbound, tryzore_work, tryzore_operator;

-- WHK-01. Global: which tenant a delivery concerns is known once it was read, if it concerns one.
CREATE TABLE webhooks.deliveries (
    id uuid PRIMARY KEY,
    provider text NOT NULL CHECK (length(provider) BETWEEN 1 AND 50),
    -- The provider's name for what happened: the same each time that it is sent.
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
    event_type text NOT NULL CHECK (length(event_type) BETWEEN 1 AND 255),
    -- Only those that are needed to verify it again.
    headers jsonb NOT NULL,
    raw_payload bytea NOT NULL CHECK (length(raw_payload) <= 1048576),
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    processed_by text,
    result text CHECK (result IN ('applied', 'ignored')),
    -- Why the last attempt failed.
    error_message text,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    dead_at timestamptz,
    tenant_id uuid,
    CONSTRAINT deliveries_once UNIQUE (provider, external_id),
    CONSTRAINT deliveries_processed CHECK (
        (processed_at IS NULL) = (result IS NULL) AND (processed_at IS NULL) = (processed_by IS NULL)),
    CONSTRAINT deliveries_dead CHECK (dead_at IS NULL OR (processed_at IS NULL AND error_message IS NOT NULL))
);
CREATE INDEX deliveries_newest ON webhooks.deliveries (received_at DESC, id DESC);
CREATE INDEX deliveries_processed ON webhooks.deliveries (processed_at) WHERE processed_at IS NOT NULL;
CREATE INDEX deliveries_dead ON webhooks.deliveries (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX deliveries_pending ON webhooks.deliveries (received_at DESC, id DESC) WHERE processed_at IS NULL;

-- Who receives can add and nothing else: not even read what came before.
GRANT INSERT (id, provider, external_id, event_type, headers, raw_payload, received_at)
    ON webhooks.deliveries TO tryzore_inbound;
GRANT SELECT ON webhooks.deliveries TO tryzore_work;
GRANT UPDATE (processed_at, processed_by, result, error_message, attempts, dead_at, tenant_id)
    ON webhooks.deliveries TO tryzore_work;
-- What is kept no longer goes.
GRANT DELETE ON webhooks.deliveries TO tryzore_work;
-- Operators alone read what was sent, one by one.
GRANT SELECT ON webhooks.deliveries TO tryzore_operator;
