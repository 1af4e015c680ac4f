-- What happened, as rows of the transactions in which it happened. Kept for a while as the event log.
CREATE TABLE runtime.outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    tenant_id uuid,
    organization_id uuid,
    kind text NOT NULL,
    aggregate_id uuid NOT NULL,
    -- The person whom it concerns, who may hear of it although others may not.
    subject_id uuid,
    actor jsonb NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- The order in which followers see events, given when an event is handed to them: a
    -- transaction that commits late never slips in behind a follower's back.
    position bigint UNIQUE
);
CREATE INDEX outbox_waiting ON runtime.outbox (seq) WHERE position IS NULL;
-- For clearing away what is old: rows come in the order of time.
CREATE INDEX outbox_age ON runtime.outbox USING brin (occurred_at);
CREATE INDEX outbox_stream ON runtime.outbox (tenant_id, position) WHERE position IS NOT NULL;
CREATE SEQUENCE runtime.outbox_position;

ALTER TABLE runtime.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE runtime.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON runtime.outbox TO tryzore_api, tryzore_inbound
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id IS NOT DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY work ON runtime.outbox TO tryzore_work USING (true) WITH CHECK (true);
-- What an operator did is told in no tenant's name.
CREATE POLICY operator ON runtime.outbox FOR INSERT TO tryzore_operator WITH CHECK (tenant_id IS NULL);
GRANT INSERT ON runtime.outbox TO tryzore_operator;
GRANT INSERT, SELECT ON runtime.outbox TO tryzore_api;
GRANT INSERT ON runtime.outbox TO tryzore_inbound;
GRANT INSERT, SELECT, UPDATE (position), DELETE ON runtime.outbox TO tryzore_work;
GRANT USAGE ON SEQUENCE runtime.outbox_position TO tryzore_work;

-- What is to be done. A worker holds a lease, never a transaction, while it works.
CREATE TABLE runtime.jobs (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    queue text NOT NULL DEFAULT 'default',
    tenant_id uuid,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    -- At most one job of a key waits or runs.
    dedupe_key text,
    -- Jobs of one key run one after the other, oldest first.
    order_key text,
    priority smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 12,
    locked_until timestamptz,
    locked_by text,
    last_error text,
    dead_at timestamptz,
    created_at timestamptz NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX jobs_due ON runtime.jobs (queue, priority DESC, run_at) WHERE dead_at IS NULL;
CREATE UNIQUE INDEX jobs_dedupe ON runtime.jobs (dedupe_key) WHERE dedupe_key IS NOT NULL AND dead_at IS NULL;
CREATE INDEX jobs_order ON runtime.jobs (order_key, seq) WHERE order_key IS NOT NULL AND dead_at IS NULL;
-- Whatever two workers see at the same moment, they never run two jobs of one key.
CREATE UNIQUE INDEX jobs_running ON runtime.jobs (order_key)
    WHERE order_key IS NOT NULL AND locked_by IS NOT NULL AND dead_at IS NULL;
CREATE INDEX jobs_leased ON runtime.jobs (locked_until) WHERE locked_until IS NOT NULL AND dead_at IS NULL;
CREATE INDEX jobs_dead ON runtime.jobs (dead_at) WHERE dead_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON runtime.jobs TO tryzore_work;
GRANT INSERT ON runtime.jobs TO tryzore_api, tryzore_inbound, tryzore_operator;
-- An operator sees what was given up, without its payload, and has it done again.
GRANT SELECT (id, tenant_id, kind, attempts, last_error, created_at, dead_at) ON runtime.jobs TO tryzore_operator;
GRANT UPDATE (dead_at, attempts, run_at, locked_until, locked_by) ON runtime.jobs TO tryzore_operator;

-- Which subscription has followed which event: following again does nothing.
CREATE TABLE runtime.followed (
    subscription text NOT NULL,
    event_id uuid NOT NULL,
    followed_at timestamptz NOT NULL,
    PRIMARY KEY (subscription, event_id)
);
CREATE INDEX followed_age ON runtime.followed (followed_at);
GRANT SELECT, INSERT, DELETE ON runtime.followed TO tryzore_work;

-- One row a run of a scheduled job; the key makes two workers run it once.
CREATE TABLE runtime.schedule_runs (
    schedule text NOT NULL,
    due_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    outcome text,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (schedule, due_at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON runtime.schedule_runs TO tryzore_work;

-- A CHECK is parsed from its text by every statement that writes its table, and costs more than the row;
-- that of a domain once a session. What nearly every transaction writes has domains.
CREATE DOMAIN runtime.once_key AS text CHECK (length(VALUE) BETWEEN 1 AND 255);
CREATE DOMAIN runtime.outcome AS text CHECK (VALUE IN ('allowed', 'denied'));

-- The first answer to a request, for whoever sends it again.
CREATE TABLE runtime.idempotency_keys (
    tenant_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    key runtime.once_key NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    -- Byte for byte as it was sent.
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, actor_id, key)
);
CREATE INDEX idempotency_keys_age ON runtime.idempotency_keys (tenant_id, created_at);
CALL runtime.protect('runtime.idempotency_keys');
GRANT SELECT, INSERT, DELETE ON runtime.idempotency_keys TO tryzore_api, tryzore_work;

-- What was decided, from which facts, and what would have changed it.
CREATE TABLE runtime.decisions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    command text NOT NULL,
    object_id uuid NOT NULL,
    organization_id uuid,
    actor jsonb NOT NULL,
    subject_id uuid,
    outcome runtime.outcome NOT NULL,
    code text NOT NULL,
    because jsonb NOT NULL,
    remedy jsonb,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX decisions_object ON runtime.decisions (tenant_id, object_id, id);
CALL runtime.protect('runtime.decisions');
GRANT SELECT, INSERT ON runtime.decisions TO tryzore_api, tryzore_work;
