-- RBA-04. An operator has a role, a status, and overrides beside the role. A program from before this migration
-- refuses all operators.
ALTER TABLE platform.operators RENAME COLUMN appointed_because TO because;
ALTER TABLE platform.operators RENAME COLUMN appointed_at TO since;
ALTER TABLE platform.operators
    ADD COLUMN role text NOT NULL DEFAULT 'limited'
        CHECK (role IN ('super_admin', 'platform_admin', 'support_admin', 'limited')),
    -- Who is dismissed stays, so that what they did keeps a name.
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'dismissed')),
    -- The operator who appointed or dismissed them or gave them the role; null for whoever owns the database.
    ADD COLUMN set_by uuid,
    ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE platform.operators ALTER COLUMN role DROP DEFAULT;

CREATE TABLE platform.operator_overrides (
    user_id uuid NOT NULL REFERENCES platform.operators (user_id) ON DELETE CASCADE,
    pattern text NOT NULL CHECK (length(pattern) BETWEEN 1 AND 100),
    effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
    because text NOT NULL CHECK (length(because) BETWEEN 1 AND 500),
    set_by uuid,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, pattern)
);

-- Whoever had every permission is a super admin; all others keep exactly what they had.
UPDATE platform.operators SET role = 'super_admin'
WHERE permissions @> ARRAY['platform.view_webhooks', 'platform.replay_webhooks', 'platform.view_jobs',
    'platform.replay_jobs', 'platform.view_tenants', 'platform.set_tenant_status'];
INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
SELECT DISTINCT o.user_id, p.slug, 'allow', o.because, o.since
FROM platform.operators o CROSS JOIN LATERAL unnest(o.permissions) AS p (slug)
WHERE o.role = 'limited' AND length(p.slug) BETWEEN 1 AND 100;
ALTER TABLE platform.operators DROP COLUMN permissions;

-- Operators manage operators, in their own transactions; the APIs' own rights are to read who is one.
GRANT SELECT ON platform.operator_overrides TO tryzore_api;
GRANT SELECT, INSERT ON platform.operators TO tryzore_operator;
GRANT UPDATE (role, status, set_by, since, because, version) ON platform.operators TO tryzore_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.operator_overrides TO tryzore_operator;

-- Who the operators are, for each other, and whether they can sign in.
CREATE OR REPLACE VIEW platform.operator_names AS
    SELECT o.user_id, u.name, u.email, u.status = 'active' AS can_sign_in
    FROM platform.operators o JOIN identity.users u ON u.id = o.user_id;

-- The user with this address, if they have proven it. Operators have no rights over users: they appoint by
-- address, and learn nothing else about whoever has it.
CREATE FUNCTION platform.user_with_address(address text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id FROM identity.users u WHERE u.email = address AND u.status = 'active'
$$;
REVOKE ALL ON FUNCTION platform.user_with_address(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.user_with_address(text) TO tryzore_operator;

-- Whoever owns the database appoints the first super admin, and the event log says so, in no tenant's name.
CREATE POLICY setup ON runtime.outbox FOR INSERT TO CURRENT_USER WITH CHECK (tenant_id IS NULL);
