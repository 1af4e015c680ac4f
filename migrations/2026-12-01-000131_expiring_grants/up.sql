-- RBA-03. A role that is held, or an override, may end at a time; the row stays and shows what was held. What has
-- ended counts nowhere: whoever reads these rows to decide compares `expires_at` with the time of the transaction.
ALTER TABLE rbac.assignments ADD COLUMN expires_at timestamptz;
ALTER TABLE rbac.overrides ADD COLUMN expires_at timestamptz;
-- When the role of an invitation ends once it is accepted.
ALTER TABLE tenancy.invitations ADD COLUMN role_expires_at timestamptz;

-- As before, and a role that has ended at `moment` does not make its holder belong to the tenant.
CREATE FUNCTION tenancy.tenants_of_user(person uuid, moment timestamptz) RETURNS SETOF uuid
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
            OR EXISTS (SELECT FROM rbac.assignments a
                       WHERE a.tenant_id = tenant AND a.user_id = person
                         AND (a.expires_at IS NULL OR a.expires_at > moment))
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
REVOKE ALL ON FUNCTION tenancy.tenants_of_user(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.tenants_of_user(uuid, timestamptz) TO tryzore_api;
DROP FUNCTION tenancy.tenants_of_user(uuid);
