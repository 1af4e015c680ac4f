CREATE SCHEMA crm;
GRANT USAGE ON SCHEMA crm TO tryzore_api, tryzore_work;

-- A user as customer of a tenant. Contact data is the tenant's own copy: a tenant never reads
-- the global user.
CREATE TABLE crm.clients (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    home_organization_id uuid NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    email text,
    phone text,
    birth_date date,
    locale text,
    marketing_consent boolean NOT NULL DEFAULT false,
    external_ref text,
    -- Locations that the client may use; empty: no restriction.
    allowed_organization_ids uuid[] NOT NULL DEFAULT '{}',
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    joined_on date NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, home_organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE UNIQUE INDEX clients_user ON crm.clients (tenant_id, user_id);
CREATE UNIQUE INDEX clients_email ON crm.clients (tenant_id, email) WHERE email IS NOT NULL;
CREATE INDEX clients_phone ON crm.clients (tenant_id, phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX clients_external ON crm.clients (tenant_id, external_ref) WHERE external_ref IS NOT NULL;
CREATE INDEX clients_name ON crm.clients (tenant_id, lower(family_name), lower(given_name), id);
CREATE INDEX clients_home ON crm.clients (tenant_id, home_organization_id, id);
CALL runtime.protect('crm.clients');
GRANT SELECT, INSERT, UPDATE ON crm.clients TO tryzore_api, tryzore_work;
