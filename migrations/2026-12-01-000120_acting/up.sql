-- Acting sessions (AUT-16, AUT-17): a session shows what another person sees, or what a tenant has approved.
ALTER TABLE identity.sessions
    ADD COLUMN acting_subject_id uuid,
    ADD COLUMN acting_grant_id uuid,
    ADD COLUMN acting_patterns text[],
    ADD COLUMN acting_organization_ids uuid[],
    ADD COLUMN acting_reason text CHECK (length(acting_reason) BETWEEN 1 AND 1000),
    ADD CONSTRAINT sessions_acting CHECK (
        (acting_grant_id IS NULL) = (acting_patterns IS NULL)
        AND (acting_reason IS NULL) = (acting_subject_id IS NULL AND acting_grant_id IS NULL)
        AND (acting_subject_id IS NULL OR acting_grant_id IS NULL)
        AND (acting_organization_ids IS NULL OR acting_reason IS NOT NULL)
    );
CREATE INDEX sessions_acting_grant ON identity.sessions (acting_grant_id) WHERE acting_grant_id IS NOT NULL;

-- Everything that was read in an acting session, visible to the tenant and to the persons concerned. Append-only
-- by privilege. `object_ids` has the ids in the path of the request, and the subject of an impersonation.
CREATE TABLE governance.access_log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    subject_id uuid,
    organization_id uuid,
    kind text NOT NULL CHECK (kind IN ('impersonation', 'support_access')),
    operation text NOT NULL CHECK (length(operation) BETWEEN 1 AND 255),
    object_ids uuid[] NOT NULL,
    ip_address text,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX access_log_objects ON governance.access_log USING gin (object_ids);
CALL runtime.protect('governance.access_log');
GRANT SELECT, INSERT ON governance.access_log TO tryzore_api;
