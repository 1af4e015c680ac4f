-- Imports that wait to be confirmed are looked for by their age, over all tenants.
CREATE INDEX imports_unconfirmed ON crm.imports (created_at) WHERE state IN ('uploaded', 'checking', 'checked');

-- Archives are purged by their age.
CREATE INDEX archived_onboarding_sessions_age ON tenancy.archived_onboarding_sessions (archived_at);
CREATE INDEX archived_incomplete_signups_age ON tenancy.archived_incomplete_signups (archived_at);
