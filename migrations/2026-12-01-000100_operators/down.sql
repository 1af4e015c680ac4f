DROP POLICY setup ON runtime.outbox;
DROP FUNCTION platform.user_with_address(text);
DROP VIEW platform.operator_names;
CREATE VIEW platform.operator_names AS
    SELECT o.user_id, u.name FROM platform.operators o JOIN identity.users u ON u.id = o.user_id;
GRANT SELECT ON platform.operator_names TO tryzore_operator;
REVOKE ALL ON platform.operators FROM tryzore_operator;

-- What each operator may do, from the role and the overrides, as far as the old catalogue goes.
ALTER TABLE platform.operators ADD COLUMN permissions text[];
UPDATE platform.operators o SET permissions = ARRAY(
    SELECT s.slug
    FROM unnest(ARRAY['platform.view_webhooks', 'platform.replay_webhooks', 'platform.view_jobs',
        'platform.replay_jobs', 'platform.view_tenants', 'platform.set_tenant_status']) AS s (slug)
    WHERE NOT EXISTS (
            SELECT FROM platform.operator_overrides v WHERE v.user_id = o.user_id AND v.effect = 'deny'
                AND (v.pattern = s.slug OR v.pattern LIKE '%*' AND starts_with(s.slug, rtrim(v.pattern, '*'))))
        AND (o.role IN ('super_admin', 'platform_admin')
            OR o.role = 'support_admin' AND s.slug IN ('platform.view_jobs', 'platform.view_tenants')
            OR EXISTS (
                SELECT FROM platform.operator_overrides v WHERE v.user_id = o.user_id AND v.effect = 'allow'
                    AND (v.pattern = s.slug
                        OR v.pattern LIKE '%*' AND starts_with(s.slug, rtrim(v.pattern, '*'))))));
DELETE FROM platform.operators WHERE status = 'dismissed' OR cardinality(permissions) = 0;
DROP TABLE platform.operator_overrides;
ALTER TABLE platform.operators DROP COLUMN role, DROP COLUMN status, DROP COLUMN set_by, DROP COLUMN version;
ALTER TABLE platform.operators ALTER COLUMN permissions SET NOT NULL;
ALTER TABLE platform.operators ADD CHECK (cardinality(permissions) > 0);
ALTER TABLE platform.operators RENAME COLUMN because TO appointed_because;
ALTER TABLE platform.operators RENAME COLUMN since TO appointed_at;
