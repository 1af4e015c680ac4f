-- The line that an operator writes into the audit trail of a tenant has the name of its command.
ALTER POLICY operator ON governance.audit_log
    WITH CHECK (action = 'tenants.set_status' AND target_id = tenant_id);
