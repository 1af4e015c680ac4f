DROP INDEX tenancy.archived_incomplete_signups_age;
DROP INDEX tenancy.archived_onboarding_sessions_age;
DROP INDEX crm.imports_unconfirmed;
