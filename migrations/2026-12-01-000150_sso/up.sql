-- AUT-09. Single sign-on of tenants. Global: a sign-in looks it up by the domain of an address or by what the
-- provider says, before a tenant is known; every other statement names the tenant.
CREATE TABLE identity.sso_links (
    tenant_id uuid PRIMARY KEY,
    provider_organization text NOT NULL UNIQUE CHECK (length(provider_organization) BETWEEN 1 AND 255),
    -- Since when those with an address of a verified domain must sign in by single sign-on.
    required_since timestamptz,
    linked_at timestamptz NOT NULL,
    -- When the provider was last asked: what it reported earlier is included.
    read_at timestamptz NOT NULL,
    version integer NOT NULL CHECK (version > 0)
);

CREATE TABLE identity.sso_connections (
    tenant_id uuid NOT NULL REFERENCES identity.sso_links (tenant_id) ON DELETE CASCADE,
    provider_connection text NOT NULL CHECK (length(provider_connection) BETWEEN 1 AND 255),
    kind text NOT NULL CHECK (length(kind) <= 255),
    name text NOT NULL CHECK (length(name) <= 255),
    state text NOT NULL CHECK (state IN ('active', 'inactive', 'deleted')),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, provider_connection)
);

CREATE TABLE identity.sso_domains (
    tenant_id uuid NOT NULL REFERENCES identity.sso_links (tenant_id) ON DELETE CASCADE,
    domain text NOT NULL CHECK (length(domain) BETWEEN 1 AND 255 AND domain = lower(domain)),
    state text NOT NULL CHECK (state IN ('verified', 'pending', 'failed', 'deleted')),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, domain)
);
CREATE INDEX sso_domains_verified ON identity.sso_domains (domain, changed_at DESC) WHERE state = 'verified';

-- The sessions that began by single sign-on.
CREATE TABLE identity.sso_sign_ins (
    session_id uuid PRIMARY KEY REFERENCES identity.sessions (id) ON DELETE CASCADE,
    tenant_id uuid NOT NULL,
    provider_organization text NOT NULL,
    signed_in_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON identity.sso_links, identity.sso_connections, identity.sso_domains TO tryzore_api;
GRANT SELECT, INSERT ON identity.sso_sign_ins TO tryzore_api;
-- The worker follows what the provider reports. It deletes sessions that are over, with what hangs on them.
GRANT SELECT ON identity.sso_links TO tryzore_work;
GRANT SELECT, INSERT, UPDATE ON identity.sso_connections, identity.sso_domains TO tryzore_work;
GRANT SELECT, DELETE ON identity.sso_sign_ins TO tryzore_work;
