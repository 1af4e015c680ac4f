DROP FUNCTION platform.overview(timestamptz);
DROP INDEX events.bookings_age;
DROP POLICY counting ON runtime.outbox;
DROP POLICY counting ON events.bookings;
DROP POLICY counting ON crm.clients;
DROP POLICY counting ON rbac.assignments;
DROP POLICY counting ON tenancy.organizations;
