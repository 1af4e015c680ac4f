-- Group roles: what each kind of service may touch. Logins are made by whoever operates the
-- database and join one group each. None owns anything, none bypasses row security.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tryzore_api', 'tryzore_inbound', 'tryzore_work'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- roles belong to the cluster; another database of it made this one
        END;
    END LOOP;

    -- What operators may do over all tenants. The APIs' group is a member that inherits nothing: a
    -- transaction of theirs has these rights only after SET LOCAL ROLE, in the operators' door.
    BEGIN
        CREATE ROLE tryzore_operator NOLOGIN NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF NOT pg_has_role('tryzore_api', 'tryzore_operator', 'MEMBER') THEN
        ALTER ROLE tryzore_api NOINHERIT;
        GRANT tryzore_operator TO tryzore_api;
    END IF;
END $$;

CREATE SCHEMA runtime;
GRANT USAGE ON SCHEMA runtime TO tryzore_api, tryzore_inbound, tryzore_work, tryzore_operator;

-- Row security for a tenant's table: rows of the transaction's tenant, and none when it is unset.
-- `scan` is for the worker's platform transactions, which look for work over all tenants.
CREATE PROCEDURE runtime.protect(target regclass, scannable boolean DEFAULT false)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY tenant ON %s USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)',
        target);
    IF scannable THEN
        EXECUTE format(
            'CREATE POLICY scan ON %s FOR SELECT TO tryzore_work USING (current_setting(''app.scan'', true) = ''on'')',
            target);
    END IF;
END $$;
