CREATE SCHEMA crm;
GRANT USAGE ON SCHEMA crm TO tryzore_api, tryzore_work;

-- Names as they are sorted and searched: case and accents of Latin, Greek and Cyrillic do not count.
CREATE FUNCTION crm.fold(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(normalize(lower(name), NFKD), '[\u0300-\u036f]', '', 'g');

-- A user as customer of a tenant. Contact data is the tenant's own copy: a tenant never reads
-- the global user.
-- What is searched by its start is a column and not an expression of an index: row security lets an
-- index be used only for conditions that cannot leak, and a condition with a function may. It is in
-- collation "C", in which all that starts alike lies together.
CREATE TABLE crm.clients (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    home_organization_id uuid NOT NULL,
    given_name text NOT NULL CHECK (length(given_name) BETWEEN 1 AND 100),
    -- Empty: a person with one name, which is the given name.
    family_name text NOT NULL DEFAULT '' CHECK (length(family_name) <= 100),
    email text COLLATE "C" CHECK (length(email) <= 255 AND email = lower(email)),
    phone text COLLATE "C" CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    birth_date date,
    locale text,
    -- Null: never asked.
    marketing_consent boolean,
    external_ref text CHECK (length(external_ref) BETWEEN 1 AND 100),
    -- Locations that the client may use; empty: no restriction.
    allowed_organization_ids uuid[] NOT NULL DEFAULT '{}',
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    archived_at timestamptz,
    joined_on date NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- `rossi anna` and `anna rossi`.
    name_key text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (crm.fold(ltrim(family_name || ' ' || given_name))) STORED,
    given_key text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (crm.fold(rtrim(given_name || ' ' || family_name))) STORED,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, home_organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    CONSTRAINT clients_contact CHECK (email IS NOT NULL OR phone IS NOT NULL),
    CONSTRAINT clients_archived CHECK (status = 'archived' OR archived_at IS NULL)
);
CREATE UNIQUE INDEX clients_user ON crm.clients (tenant_id, user_id);
CREATE UNIQUE INDEX clients_email ON crm.clients (tenant_id, email) WHERE email IS NOT NULL;
CREATE INDEX clients_phone ON crm.clients (tenant_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX clients_name ON crm.clients (tenant_id, name_key, id);
CREATE INDEX clients_given ON crm.clients (tenant_id, given_key);
CREATE INDEX clients_home ON crm.clients (tenant_id, home_organization_id, name_key, id);
CALL runtime.protect('crm.clients');
GRANT SELECT, INSERT, UPDATE ON crm.clients TO tryzore_api, tryzore_work;

-- Files of clients from other systems. `details` is the state with all that it carries.
CREATE TABLE crm.imports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    requested_by uuid,
    file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
    file_bytes bigint NOT NULL CHECK (file_bytes >= 0),
    -- Where the bytes are; null once they are no longer needed.
    upload_id uuid,
    -- Whether it runs after the check without being confirmed.
    runs_unasked boolean NOT NULL DEFAULT false,
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'running', 'finished', 'failed')),
    details jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE INDEX imports_organization ON crm.imports (tenant_id, organization_id, id);
CREATE INDEX imports_upload ON crm.imports (tenant_id, upload_id) WHERE upload_id IS NOT NULL;
CALL runtime.protect('crm.imports', scannable => true);
GRANT SELECT, INSERT, UPDATE, DELETE ON crm.imports TO tryzore_api, tryzore_work;

-- The bytes of a file as they came in, before there is an import of it: no foreign key.
CREATE TABLE crm.import_chunks (
    tenant_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 0),
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, number)
);
CREATE INDEX import_chunks_age ON crm.import_chunks (created_at) WHERE number = 0;
CALL runtime.protect('crm.import_chunks', scannable => true);
GRANT SELECT, INSERT, DELETE ON crm.import_chunks TO tryzore_api, tryzore_work;

-- Rows that were refused, for the error file.
CREATE TABLE crm.import_refused (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    row_number integer NOT NULL,
    cells jsonb NOT NULL,
    faults jsonb NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES crm.imports (tenant_id, id) ON DELETE CASCADE
);
CALL runtime.protect('crm.import_refused');
GRANT SELECT, INSERT, DELETE ON crm.import_refused TO tryzore_api, tryzore_work;
