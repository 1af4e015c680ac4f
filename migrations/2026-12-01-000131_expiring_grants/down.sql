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
