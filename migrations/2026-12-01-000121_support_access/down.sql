REVOKE SELECT (id, acting_grant_id, revoked_at), UPDATE (revoked_at, revoked_because) ON identity.sessions FROM tryzore_operator;
DROP POLICY operator_support ON governance.audit_log;
DROP TABLE identity.support_grants;
REVOKE USAGE ON SCHEMA identity FROM tryzore_operator;
