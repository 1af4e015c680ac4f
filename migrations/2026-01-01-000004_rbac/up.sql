CREATE SCHEMA rbac;
GRANT USAGE ON SCHEMA rbac TO tryzore_api, tryzore_work;

CREATE TABLE rbac.roles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- The key of a preset that came with the product; null for a role of the tenant's own.
    preset text,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '',
    scope text NOT NULL CHECK (scope IN ('owned', 'organization', 'subtree')),
    is_editable boolean NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX roles_name ON rbac.roles (tenant_id, lower(name));
CREATE UNIQUE INDEX roles_preset ON rbac.roles (tenant_id, preset) WHERE preset IS NOT NULL;
CALL runtime.protect('rbac.roles');
GRANT SELECT, INSERT, UPDATE, DELETE ON rbac.roles TO tryzore_api, tryzore_work;

-- A permission of a role: a slug or a wildcard.
CREATE TABLE rbac.role_permissions (
    tenant_id uuid NOT NULL,
    role_id uuid NOT NULL,
    pattern text NOT NULL,
    PRIMARY KEY (tenant_id, role_id, pattern),
    FOREIGN KEY (tenant_id, role_id) REFERENCES rbac.roles (tenant_id, id) ON DELETE CASCADE
);
CALL runtime.protect('rbac.role_permissions');
GRANT SELECT, INSERT, UPDATE, DELETE ON rbac.role_permissions TO tryzore_api, tryzore_work;

-- TEN-06: who works where, as what.
CREATE TABLE rbac.assignments (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    role_id uuid NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, organization_id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES rbac.roles (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE INDEX assignments_organization ON rbac.assignments (tenant_id, organization_id);
CREATE INDEX assignments_role ON rbac.assignments (tenant_id, role_id);
CREATE UNIQUE INDEX assignments_primary ON rbac.assignments (tenant_id, user_id) WHERE is_primary;
CALL runtime.protect('rbac.assignments');
GRANT SELECT, INSERT, UPDATE, DELETE ON rbac.assignments TO tryzore_api, tryzore_work;

CREATE TABLE rbac.overrides (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    pattern text NOT NULL,
    effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
    organization_id uuid,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE UNIQUE INDEX overrides_once ON rbac.overrides
    (tenant_id, user_id, pattern, coalesce(organization_id, '00000000-0000-0000-0000-000000000000'));
CALL runtime.protect('rbac.overrides');
GRANT SELECT, INSERT, UPDATE, DELETE ON rbac.overrides TO tryzore_api, tryzore_work;
