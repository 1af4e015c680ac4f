-- How far the role of an invitation reached when it was offered: accepting compares.
ALTER TABLE tenancy.invitations ADD COLUMN reviewed_scope text
    CHECK (reviewed_scope IN ('owned', 'organization', 'subtree'));

-- What is there already is of every tenant, which the tables' owner sees only while row security is not
-- forced on it.
ALTER TABLE tenancy.invitations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy.organizations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE rbac.roles NO FORCE ROW LEVEL SECURITY;

-- A role that was changed since may have been widened: its invitations are taken to offer one location.
UPDATE tenancy.invitations i SET reviewed_scope = coalesce(
    (SELECT r.scope FROM rbac.roles r
     WHERE r.tenant_id = i.tenant_id AND r.id = i.role_id
       AND (r.preset IS NOT NULL OR r.updated_at <= i.created_at)),
    'organization');

-- Closing a location ends its invitations from now on; these are of locations that closed before.
UPDATE tenancy.invitations i
SET status = 'revoked', status_at = now(), token_hash = NULL, version = version + 1
WHERE status = 'pending' AND NOT EXISTS (
    SELECT FROM tenancy.organizations o
    WHERE o.tenant_id = i.tenant_id AND o.id = ANY (i.organization_ids) AND o.status <> 'closed');
UPDATE tenancy.invitations i
SET organization_ids = left_open.ids, primary_organization_id = left_open.ids[1], version = version + 1
FROM (
    SELECT p.tenant_id, p.id, array_agg(u.organization_id ORDER BY u.nth) AS ids
    FROM tenancy.invitations p
    CROSS JOIN unnest(p.organization_ids) WITH ORDINALITY AS u (organization_id, nth)
    JOIN tenancy.organizations o
      ON o.tenant_id = p.tenant_id AND o.id = u.organization_id AND o.status <> 'closed'
    WHERE p.status = 'pending'
    GROUP BY p.tenant_id, p.id) AS left_open
WHERE left_open.tenant_id = i.tenant_id AND left_open.id = i.id AND left_open.ids <> i.organization_ids;

ALTER TABLE tenancy.invitations ALTER COLUMN reviewed_scope SET NOT NULL;
ALTER TABLE tenancy.invitations FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy.organizations FORCE ROW LEVEL SECURITY;
ALTER TABLE rbac.roles FORCE ROW LEVEL SECURITY;

-- As of when the identity provider last told who the user is: what was so before is no news.
ALTER TABLE identity.users ADD COLUMN provider_updated_at timestamptz;

-- Dismissing someone revokes the keys that they issued.
CREATE INDEX api_keys_issuer ON identity.api_keys (tenant_id, issued_by);
