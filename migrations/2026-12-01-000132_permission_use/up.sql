-- On which day an employee last used a permission, so that permissions that nobody needs are found. A request only
-- notes it in memory; each process writes what it has noted once a minute.
CREATE TABLE rbac.permission_use (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    slug text NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    last_used_on date NOT NULL,
    PRIMARY KEY (tenant_id, user_id, slug)
);
CALL runtime.protect('rbac.permission_use');
GRANT SELECT, INSERT, UPDATE, DELETE ON rbac.permission_use TO tryzore_api;
