DROP FUNCTION tenancy.tenants_of_user(uuid);
