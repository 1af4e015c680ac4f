-- What a user holds in each of the tenants. The columns are those of the statement that reads what a user holds
-- in one tenant.
CREATE OR REPLACE FUNCTION rbac.holdings_in(visited uuid[], person uuid)
RETURNS TABLE (
    tenant_id uuid, is_open boolean, is_client boolean, tree jsonb, owned jsonb, assignments jsonb, overrides jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    here uuid;
    before text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
    FOREACH here IN ARRAY visited LOOP
        PERFORM set_config('app.tenant_id', here::text, true);
        RETURN QUERY SELECT
            here,
            EXISTS (SELECT FROM tenancy.tenants t WHERE t.id = here AND t.status = 'active'),
            EXISTS (SELECT FROM crm.clients c
                    WHERE c.tenant_id = here AND c.user_id = person AND c.status = 'active'),
            coalesce((SELECT jsonb_agg(jsonb_build_object('organization', o.id, 'parent', o.parent_id) ORDER BY o.id)
                      FROM tenancy.organizations o
                      WHERE o.tenant_id = here AND o.status <> 'closed'), '[]'),
            coalesce((SELECT jsonb_agg(jsonb_build_object('organization', oo.organization_id, 'role', oo.role))
                      FROM tenancy.owner_accounts oa
                      JOIN tenancy.owner_organizations oo ON oo.tenant_id = here AND oo.owner_account_id = oa.id
                      WHERE oa.user_id = person), '[]'),
            coalesce((SELECT jsonb_agg(jsonb_build_object(
                          'role', r.id, 'name', r.name, 'scope', r.scope, 'organization', a.organization_id,
                          'patterns', (SELECT coalesce(jsonb_agg(p.pattern), '[]') FROM rbac.role_permissions p
                                       WHERE p.tenant_id = here AND p.role_id = r.id)) ORDER BY a.organization_id)
                      FROM rbac.assignments a
                      JOIN rbac.roles r ON r.tenant_id = here AND r.id = a.role_id
                      WHERE a.tenant_id = here AND a.user_id = person), '[]'),
            coalesce((SELECT jsonb_agg(jsonb_build_object(
                          'pattern', v.pattern, 'effect', v.effect, 'organization', v.organization_id))
                      FROM rbac.overrides v
                      WHERE v.tenant_id = here AND v.user_id = person), '[]');
    END LOOP;
    PERFORM set_config('app.tenant_id', before, true);
END $$;

DROP FUNCTION tenancy.tenants_of_user(uuid, timestamptz);
-- The active tenants that a user belongs to, as client, employee or owner. The membership of a user who has
-- left a tenant stays, and only the rows of the tenant show it. They can be read in one tenant at a time, so
-- this function visits one tenant after the other, in one round trip, with the rights and the row security of
-- its caller. At the end the transaction is in the tenant again that it was in before.
CREATE FUNCTION tenancy.tenants_of_user(person uuid) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
DECLARE
    tenant uuid;
    before text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
    FOREACH tenant IN ARRAY ARRAY(
        SELECT m.tenant_id FROM tenancy.memberships m
        JOIN tenancy.tenants t ON t.id = m.tenant_id AND t.status = 'active'
        WHERE m.user_id = person)
    LOOP
        PERFORM set_config('app.tenant_id', tenant::text, true);
        IF EXISTS (SELECT FROM crm.clients c
                   WHERE c.tenant_id = tenant AND c.user_id = person AND c.status = 'active')
            OR EXISTS (SELECT FROM rbac.assignments a WHERE a.tenant_id = tenant AND a.user_id = person)
            OR EXISTS (SELECT FROM tenancy.owner_accounts oa
                       JOIN tenancy.owner_organizations oo
                           ON oo.tenant_id = tenant AND oo.owner_account_id = oa.id
                       WHERE oa.user_id = person)
        THEN
            RETURN NEXT tenant;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', before, true);
END $$;
REVOKE ALL ON FUNCTION tenancy.tenants_of_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.tenants_of_user(uuid) TO tryzore_api;
ALTER TABLE tenancy.invitations DROP COLUMN role_expires_at;
ALTER TABLE rbac.overrides DROP COLUMN expires_at;
ALTER TABLE rbac.assignments DROP COLUMN expires_at;
