-- Manual overrides (SUP-09): a rule is set aside by hand, for a reason, with a preview, and taken back by itself
-- unless somebody confirms it.
CREATE SCHEMA support;
GRANT USAGE ON SCHEMA support TO tryzore_api, tryzore_work;

CREATE TABLE support.manual_overrides (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    -- The kind and the target as the domain that owns the data names them: `booking`, `bkg_…`.
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 50),
    target text NOT NULL CHECK (length(target) BETWEEN 1 AND 100),
    subject_user_id uuid,
    change jsonb NOT NULL,
    state_before jsonb NOT NULL,
    state_after jsonb NOT NULL,
    effects text[] NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    confirm_within_hours integer NOT NULL CHECK (confirm_within_hours BETWEEN 1 AND 168),
    status text NOT NULL
        CHECK (status IN ('proposed', 'executed', 'confirmed', 'reverted', 'expired', 'revert_failed')),
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    executed_at timestamptz,
    confirm_by timestamptz,
    -- Null also when the product itself settled it.
    settled_by uuid,
    settled_at timestamptz,
    -- What the domain needs to take the change back.
    undo jsonb,
    failure text,
    version integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    CHECK ((executed_at IS NULL) = (status IN ('proposed', 'expired'))),
    CHECK ((executed_at IS NULL) = (confirm_by IS NULL) AND (executed_at IS NULL) = (undo IS NULL)),
    CHECK ((settled_at IS NULL) = (status IN ('proposed', 'executed', 'revert_failed'))),
    CHECK ((failure IS NULL) = (status <> 'revert_failed'))
);
-- At most one open override per target and person.
CREATE UNIQUE INDEX manual_overrides_open ON support.manual_overrides
    (tenant_id, target, coalesce(subject_user_id, '00000000-0000-0000-0000-000000000000'))
    WHERE status IN ('proposed', 'executed', 'revert_failed');
CREATE INDEX manual_overrides_proposed ON support.manual_overrides (proposed_at) WHERE status = 'proposed';
CREATE INDEX manual_overrides_executed ON support.manual_overrides (confirm_by) WHERE status = 'executed';
CALL runtime.protect('support.manual_overrides', scannable => true);
-- What was proposed never changes.
GRANT SELECT, INSERT,
    UPDATE (status, executed_at, confirm_by, settled_by, settled_at, undo, failure, version)
    ON support.manual_overrides TO tryzore_api, tryzore_work;

-- Every step of every override. Append-only by privilege.
CREATE TABLE support.override_steps (
    tenant_id uuid NOT NULL,
    override_id uuid NOT NULL,
    -- The version of the override that the step led to.
    version integer NOT NULL,
    step text NOT NULL,
    -- Null when the product itself took the step.
    by_user_id uuid,
    at timestamptz NOT NULL,
    details jsonb NOT NULL,
    PRIMARY KEY (tenant_id, override_id, version),
    FOREIGN KEY (tenant_id, override_id) REFERENCES support.manual_overrides (tenant_id, id)
);
CALL runtime.protect('support.override_steps');
GRANT SELECT, INSERT ON support.override_steps TO tryzore_api, tryzore_work;
