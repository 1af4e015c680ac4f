-- The numbers of the whole platform, for operators, who may read none of the rows behind them. The function has
-- the rights of its owner, to whom these policies show the rows while it counts, and at no other time: row security
-- is forced on the owner as on everybody else.
CREATE POLICY counting ON tenancy.organizations FOR SELECT TO CURRENT_USER
    USING (current_setting('app.counting', true) = 'on');
CREATE POLICY counting ON rbac.assignments FOR SELECT TO CURRENT_USER
    USING (current_setting('app.counting', true) = 'on');
CREATE POLICY counting ON crm.clients FOR SELECT TO CURRENT_USER
    USING (current_setting('app.counting', true) = 'on');
CREATE POLICY counting ON events.bookings FOR SELECT TO CURRENT_USER
    USING (current_setting('app.counting', true) = 'on');
CREATE POLICY counting ON runtime.outbox FOR SELECT TO CURRENT_USER
    USING (current_setting('app.counting', true) = 'on');

-- For the bookings of the last weeks of all tenants: rows come in the order of time.
CREATE INDEX bookings_age ON events.bookings USING brin (created_at);

-- As of `at`. What belongs to a deleted tenant is not counted.
CREATE FUNCTION platform.overview(at timestamptz) RETURNS TABLE (
    tenants_active bigint,
    tenants_suspended bigint,
    tenants_deleted bigint,
    locations bigint,
    staff bigint,
    clients bigint,
    bookings_7_days bigint,
    bookings_30_days bigint,
    dead_jobs bigint,
    open_deliveries bigint,
    failed_sign_ins_24_hours bigint,
    operators bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('app.counting', 'on', true);
    RETURN QUERY
        SELECT t.active, t.suspended, t.deleted,
            (SELECT count(*) FROM tenancy.organizations o
             WHERE o.status <> 'closed' AND o.tenant_id = ANY (t.there)),
            (SELECT count(DISTINCT (a.tenant_id, a.user_id)) FROM rbac.assignments a
             WHERE a.tenant_id = ANY (t.there)),
            (SELECT count(*) FROM crm.clients c WHERE c.status = 'active' AND c.tenant_id = ANY (t.there)),
            b.days_7, b.days_30,
            (SELECT count(*) FROM runtime.jobs j WHERE j.dead_at IS NOT NULL),
            (SELECT count(*) FROM webhooks.deliveries d WHERE d.processed_at IS NULL),
            (SELECT count(*) FROM runtime.outbox e
             WHERE e.kind = 'auth.sign_in_failed'
                 AND e.occurred_at > at - interval '24 hours' AND e.occurred_at <= at),
            (SELECT count(*) FROM platform.operators p WHERE p.status = 'active')
        FROM (SELECT count(*) FILTER (WHERE status = 'active') AS active,
                  count(*) FILTER (WHERE status = 'suspended') AS suspended,
                  count(*) FILTER (WHERE status = 'deleted') AS deleted,
                  array_agg(id) FILTER (WHERE status <> 'deleted') AS there
              FROM tenancy.tenants) t
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE k.created_at > at - interval '7 days') AS days_7,
                count(*) AS days_30
            FROM events.bookings k
            WHERE k.created_at > at - interval '30 days' AND k.created_at <= at
                AND k.tenant_id = ANY (t.there)) b;
    PERFORM set_config('app.counting', '', true);
END $$;
REVOKE ALL ON FUNCTION platform.overview(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.overview(timestamptz) TO tryzore_operator;
