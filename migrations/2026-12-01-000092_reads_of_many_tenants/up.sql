-- What a user has in each of several tenants. Row security shows the rows of one tenant at a time, so these
-- functions visit one tenant after the other, in one round trip, with the rights and the row security of their
-- caller. At the end the transaction is in the tenant again that it was in before.

-- What a user holds in each of the tenants. The columns are those of the statement that reads what a user holds
-- in one tenant.
CREATE FUNCTION rbac.holdings_in(visited uuid[], person uuid)
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
REVOKE ALL ON FUNCTION rbac.holdings_in(uuid[], uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rbac.holdings_in(uuid[], uuid) TO tryzore_api;

-- The locations among `places` that are open, in each of the tenants by name.
CREATE FUNCTION tenancy.locations_in(visited uuid[], places uuid[])
RETURNS TABLE (tenant_id uuid, id uuid, name text, parent_id uuid, time_zone text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    here uuid;
    before text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
    FOREACH here IN ARRAY visited LOOP
        PERFORM set_config('app.tenant_id', here::text, true);
        RETURN QUERY SELECT o.tenant_id, o.id, o.name, o.parent_id, o.time_zone
            FROM tenancy.organizations o
            WHERE o.tenant_id = here AND o.status <> 'closed' AND o.id = ANY (places)
            ORDER BY o.name, o.id;
    END LOOP;
    PERFORM set_config('app.tenant_id', before, true);
END $$;
REVOKE ALL ON FUNCTION tenancy.locations_in(uuid[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.locations_in(uuid[], uuid[]) TO tryzore_api;

-- The open locations of an owner account in each tenant of its user, and whether each takes payments.
CREATE FUNCTION tenancy.owned_by(account uuid, person uuid)
RETURNS TABLE (tenant_id uuid, organization_id uuid, has_payments boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    here uuid;
    before text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
    FOREACH here IN ARRAY ARRAY(
        SELECT m.tenant_id FROM tenancy.memberships m
        JOIN tenancy.tenants t ON t.id = m.tenant_id AND t.status <> 'deleted'
        WHERE m.user_id = person
        ORDER BY m.since, m.tenant_id)
    LOOP
        PERFORM set_config('app.tenant_id', here::text, true);
        RETURN QUERY SELECT o.tenant_id, o.id, o.stripe_account_id IS NOT NULL
            FROM tenancy.owner_organizations oo
            JOIN tenancy.organizations o ON o.tenant_id = here AND o.id = oo.organization_id
            WHERE oo.tenant_id = here AND oo.owner_account_id = account AND o.status <> 'closed'
            ORDER BY o.id;
    END LOOP;
    PERFORM set_config('app.tenant_id', before, true);
END $$;
REVOKE ALL ON FUNCTION tenancy.owned_by(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.owned_by(uuid, uuid) TO tryzore_api;
