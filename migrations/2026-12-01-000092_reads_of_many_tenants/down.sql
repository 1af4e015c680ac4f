DROP FUNCTION tenancy.owned_by(uuid, uuid);
DROP FUNCTION tenancy.locations_in(uuid[], uuid[]);
DROP FUNCTION rbac.holdings_in(uuid[], uuid);
