CREATE SCHEMA governance;
GRANT USAGE ON SCHEMA governance TO tryzore_api, tryzore_work, tryzore_operator;

-- CMP-03. Append-only by privilege: no service may change or delete a line.
CREATE TABLE governance.audit_log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Which transaction appended the line. Its column stands before `seq`, so the transaction has its
    -- number before the line has one: once all transactions up to some number have ended, no line
    -- can turn up late below a `seq` that was seen before. Sealing rests on that.
    xact bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    actor jsonb NOT NULL,
    subject_id uuid,
    action text NOT NULL,
    target_id uuid NOT NULL,
    organization_ids uuid[] NOT NULL,
    details jsonb NOT NULL,
    ip_address text,
    user_agent text,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_order ON governance.audit_log (tenant_id, seq);
CREATE INDEX audit_log_target ON governance.audit_log (tenant_id, target_id, seq);
CALL runtime.protect('governance.audit_log', scannable => true);
GRANT SELECT, INSERT ON governance.audit_log TO tryzore_api, tryzore_work;
-- An operator who turns a tenant says so in its trail, writes nothing else there and reads none of it.
CREATE POLICY operator ON governance.audit_log FOR INSERT TO tryzore_operator
    WITH CHECK (action = 'tenants.turn' AND target_id = tenant_id);
GRANT INSERT (tenant_id, id, actor, action, target_id, organization_ids, details, at)
    ON governance.audit_log TO tryzore_operator;

-- A seal covers the lines from `first_seq` to `last_seq`, where the seal before it ended. Of each
-- line it keeps number and digest (8 and 32 bytes), so that a break has a name; its hash chains to the
-- seal before it.
CREATE TABLE governance.audit_seals (
    tenant_id uuid NOT NULL,
    number bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    entries bytea NOT NULL,
    previous bytea NOT NULL CHECK (length(previous) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, number),
    CONSTRAINT audit_seals_lines CHECK (length(entries) > 0 AND length(entries) % 40 = 0)
);
CALL runtime.protect('governance.audit_seals', scannable => true);
GRANT SELECT ON governance.audit_seals TO tryzore_api;
GRANT SELECT, INSERT ON governance.audit_seals TO tryzore_work;
