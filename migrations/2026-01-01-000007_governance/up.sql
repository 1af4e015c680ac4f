CREATE SCHEMA governance;
GRANT USAGE ON SCHEMA governance TO tryzore_api, tryzore_work;

-- CMP-03. Append-only by privilege: no service may change or delete a line.
CREATE TABLE governance.audit_log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
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

-- A seal covers the lines up to `last_seq` that no earlier seal covers; its hash chains to the
-- seal before it, so that a changed or missing line breaks the chain from there on.
CREATE TABLE governance.audit_seals (
    tenant_id uuid NOT NULL,
    number bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    lines integer NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
CALL runtime.protect('governance.audit_seals', scannable => true);
GRANT SELECT ON governance.audit_seals TO tryzore_api;
GRANT SELECT, INSERT ON governance.audit_seals TO tryzore_work;
