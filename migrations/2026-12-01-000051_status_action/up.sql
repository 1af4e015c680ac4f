-- What an operator writes into a tenant's audit trail has the name of its command.
ALTER POLICY operator ON governance.audit_log
    WITH CHECK (action = 'tenants.set_status' AND target_id = tenant_id);
