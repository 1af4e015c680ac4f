-- Support access (AUT-17): an operator asks to see the data of a tenant, the tenant approves it for a time, and can
-- take the approval back at once.
CREATE TABLE identity.support_grants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    requested_by uuid NOT NULL,
    -- The name under which the operator asked, for the tenant.
    requested_by_name text NOT NULL CHECK (length(requested_by_name) BETWEEN 1 AND 255),
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    ticket text CHECK (length(ticket) BETWEEN 1 AND 100),
    patterns text[] NOT NULL CHECK (cardinality(patterns) BETWEEN 1 AND 50),
    -- Null: every location.
    organization_ids uuid[] CHECK (cardinality(organization_ids) BETWEEN 1 AND 1000),
    minutes integer NOT NULL CHECK (minutes BETWEEN 5 AND 10080),
    status text NOT NULL CHECK (status IN ('requested', 'approved', 'denied', 'withdrawn', 'revoked')),
    requested_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    decided_because text CHECK (length(decided_because) BETWEEN 1 AND 500),
    expires_at timestamptz,
    version integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((status = 'requested') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (status NOT IN ('approved', 'revoked') OR expires_at IS NOT NULL)
);
CREATE INDEX support_grants_operator ON identity.support_grants (requested_by, id DESC);
CALL runtime.protect('identity.support_grants');
GRANT SELECT, INSERT, UPDATE ON identity.support_grants TO tryzore_api;
GRANT SELECT ON identity.support_grants TO tryzore_work;

-- Operators ask and withdraw; only the tenant approves.
CREATE POLICY operator ON identity.support_grants FOR SELECT TO tryzore_operator USING (true);
CREATE POLICY operator_asks ON identity.support_grants FOR INSERT TO tryzore_operator
    WITH CHECK (status = 'requested');
CREATE POLICY operator_withdraws ON identity.support_grants FOR UPDATE TO tryzore_operator
    USING (true) WITH CHECK (status = 'withdrawn');
GRANT USAGE ON SCHEMA identity TO tryzore_operator;
GRANT SELECT, INSERT ON identity.support_grants TO tryzore_operator;
GRANT UPDATE (status, decided_by, decided_at, decided_because, version) ON identity.support_grants TO tryzore_operator;
CREATE POLICY operator_support ON governance.audit_log FOR INSERT TO tryzore_operator
    WITH CHECK (action IN ('support_access.request', 'support_access.withdraw'));
-- The sessions of an approval end with it; an operator who withdraws ends their own.
GRANT SELECT (id, acting_grant_id, revoked_at), UPDATE (revoked_at, revoked_because) ON identity.sessions TO tryzore_operator;
