CREATE SCHEMA tenancy;
GRANT USAGE ON SCHEMA tenancy TO tryzore_api, tryzore_inbound, tryzore_work, tryzore_operator;

-- TEN-04. Global: a tenant is what row security isolates by.
CREATE TABLE tenancy.tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    status text NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
    contact_email text NOT NULL,
    -- When an operator of the platform turned it to where it stands, who, and why; null while it
    -- stands as it was opened.
    turned_at timestamptz,
    turned_by uuid,
    turned_because text CHECK (length(turned_because) BETWEEN 1 AND 500),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT tenants_turned CHECK (num_nonnulls(turned_at, turned_by, turned_because) IN (0, 3)),
    CONSTRAINT tenants_opened CHECK (status = 'active' OR turned_at IS NOT NULL)
);
CREATE INDEX tenants_name ON tenancy.tenants (lower(name), id);
-- Services open tenants and hold them (a lock takes the right to update some column); only an operator
-- turns one.
GRANT SELECT, INSERT, UPDATE (updated_at) ON tenancy.tenants TO tryzore_api, tryzore_work;
GRANT SELECT, UPDATE (status, turned_at, turned_by, turned_because, version, updated_at)
    ON tenancy.tenants TO tryzore_operator;

-- TEN-01. Global: an owner may own organizations of several tenants. `user_id` is the human who
-- signs in as this owner, once the mailbox is proven.
CREATE TABLE tenancy.owner_accounts (
    id uuid PRIMARY KEY,
    user_id uuid UNIQUE,
    email text NOT NULL UNIQUE CHECK (length(email) <= 255 AND email = lower(email)),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    is_enterprise boolean NOT NULL DEFAULT false,
    billing_email text,
    onboarding_completed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX owner_accounts_incomplete ON tenancy.owner_accounts (created_at) WHERE onboarding_completed_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.owner_accounts TO tryzore_api, tryzore_work;
GRANT SELECT (id, name, email) ON tenancy.owner_accounts TO tryzore_operator;

-- TEN-03
CREATE TABLE tenancy.organizations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    address text CHECK (length(address) BETWEEN 1 AND 500),
    time_zone text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    jurisdiction text NOT NULL DEFAULT 'DEFAULT',
    plan_tier text NOT NULL DEFAULT 'free' CHECK (plan_tier IN ('free', 'pro', 'enterprise')),
    is_franchise_location boolean NOT NULL DEFAULT false,
    stripe_account_id text,
    stripe_tax_configured boolean NOT NULL DEFAULT false,
    kisi_api_key_encrypted bytea,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('incomplete', 'active', 'closed')),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE INDEX organizations_parent ON tenancy.organizations (tenant_id, parent_id);
CALL runtime.protect('tenancy.organizations', scannable => true);
GRANT SELECT, INSERT, UPDATE ON tenancy.organizations TO tryzore_api, tryzore_work;
-- What an operator may know of a tenant: what its locations are called and which plan they have, and
-- below who owns them.
CREATE POLICY operator ON tenancy.organizations FOR SELECT TO tryzore_operator USING (true);
GRANT SELECT (tenant_id, id, name, plan_tier, status) ON tenancy.organizations TO tryzore_operator;

-- TEN-02
CREATE TABLE tenancy.owner_organizations (
    tenant_id uuid NOT NULL,
    owner_account_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'partner', 'viewer')),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, owner_account_id, organization_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CALL runtime.protect('tenancy.owner_organizations');
CREATE POLICY operator ON tenancy.owner_organizations FOR SELECT TO tryzore_operator USING (true);
GRANT SELECT (tenant_id, owner_account_id, role) ON tenancy.owner_organizations TO tryzore_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.owner_organizations TO tryzore_api, tryzore_work;

-- TEN-07, TEN-09. Business hours: {"mon": [["06:00","22:00"]], …}, local time, several spans a day.
CREATE TABLE tenancy.organization_settings (
    tenant_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    cancellation_window_hours integer NOT NULL DEFAULT 2 CHECK (cancellation_window_hours BETWEEN 0 AND 168),
    checkin_window_minutes_before integer NOT NULL DEFAULT 30 CHECK (checkin_window_minutes_before BETWEEN 0 AND 1440),
    noshow_fee_minor bigint NOT NULL DEFAULT 2500 CHECK (noshow_fee_minor BETWEEN 0 AND 100000000),
    late_cancel_fee_minor bigint NOT NULL DEFAULT 1500 CHECK (late_cancel_fee_minor BETWEEN 0 AND 100000000),
    drop_in_price_minor bigint NOT NULL DEFAULT 2000 CHECK (drop_in_price_minor BETWEEN 0 AND 100000000),
    reservation_open_time time,
    reservation_close_time time,
    allow_cross_location_booking boolean NOT NULL DEFAULT true,
    honor_other_location_memberships boolean NOT NULL DEFAULT true,
    tax_settings jsonb NOT NULL DEFAULT '{}',
    business_hours jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, organization_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    CONSTRAINT organization_settings_reservation CHECK ((reservation_open_time IS NULL) = (reservation_close_time IS NULL))
);
CALL runtime.protect('tenancy.organization_settings');
GRANT SELECT, INSERT, UPDATE ON tenancy.organization_settings TO tryzore_api, tryzore_work;

-- Which tenants a user belongs to, as employee, owner or client. Global: signing in asks before it
-- knows a tenant. `home_organization_id` is where a session starts that was nowhere before.
CREATE TABLE tenancy.memberships (
    user_id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenancy.tenants (id),
    home_organization_id uuid,
    since timestamptz NOT NULL,
    PRIMARY KEY (user_id, tenant_id)
);
CREATE INDEX memberships_tenant ON tenancy.memberships (tenant_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.memberships TO tryzore_api, tryzore_work;

-- A user as employee of a tenant. Contact data is the tenant's own copy: a tenant never reads the
-- global user. Roles are rbac.assignments.
CREATE TABLE tenancy.employees (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    email text NOT NULL CHECK (length(email) <= 255 AND email = lower(email)),
    phone text,
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE UNIQUE INDEX employees_email ON tenancy.employees (tenant_id, email);
CREATE INDEX employees_name ON tenancy.employees (tenant_id, lower(name), user_id);
CALL runtime.protect('tenancy.employees');
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.employees TO tryzore_api, tryzore_work;

-- ONB-01. Global: there is no tenant yet. The token is kept as its SHA-256; `step_data` holds what
-- was typed into the steps and never a password.
CREATE TABLE tenancy.onboarding_sessions (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    user_id uuid,
    owner_account_id uuid REFERENCES tenancy.owner_accounts (id),
    tenant_id uuid REFERENCES tenancy.tenants (id),
    current_step text NOT NULL CHECK (current_step IN ('account_created', 'organization_pending', 'complete')),
    step_data jsonb NOT NULL DEFAULT '{}',
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT onboarding_sessions_account CHECK ((user_id IS NULL) = (owner_account_id IS NULL)),
    CONSTRAINT onboarding_sessions_pending CHECK (current_step = 'account_created' OR user_id IS NOT NULL),
    CONSTRAINT onboarding_sessions_complete CHECK ((current_step = 'complete') = (tenant_id IS NOT NULL))
);
CREATE UNIQUE INDEX onboarding_sessions_token ON tenancy.onboarding_sessions (token_hash);
CREATE INDEX onboarding_sessions_expiry ON tenancy.onboarding_sessions (expires_at) WHERE current_step <> 'complete';
CREATE INDEX onboarding_sessions_owner ON tenancy.onboarding_sessions (owner_account_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.onboarding_sessions TO tryzore_api, tryzore_work;

-- ONB-08. Global: what the hourly clean-up has taken away.
CREATE TABLE tenancy.archived_onboarding_sessions (
    id uuid PRIMARY KEY,
    owner_account_id uuid,
    current_step text NOT NULL,
    step_data jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    archived_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON tenancy.archived_onboarding_sessions TO tryzore_api, tryzore_work;
CREATE TABLE tenancy.archived_incomplete_signups (
    id uuid PRIMARY KEY,
    user_id uuid,
    email text NOT NULL,
    name text NOT NULL,
    is_enterprise boolean NOT NULL,
    created_at timestamptz NOT NULL,
    archived_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON tenancy.archived_incomplete_signups TO tryzore_api, tryzore_work;

-- ONB-09. An offer to join the staff. The token of the mailed link is kept as its SHA-256, and is
-- null until a mail goes out; the newest mail's link is the one that works.
CREATE TABLE tenancy.invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    email text NOT NULL CHECK (length(email) <= 255 AND email = lower(email)),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    phone text,
    -- No foreign key: an old invitation does not keep a role from being deleted.
    role_id uuid NOT NULL,
    primary_organization_id uuid NOT NULL,
    -- All locations, the primary one first.
    organization_ids uuid[] NOT NULL CHECK (cardinality(organization_ids) BETWEEN 1 AND 50),
    -- What the inviter has seen that the role gives.
    reviewed_permissions text[] NOT NULL,
    token_hash bytea CHECK (length(token_hash) = 32),
    status text NOT NULL CHECK (status IN ('pending', 'accepted', 'revoked')),
    status_at timestamptz NOT NULL,
    sent_count integer NOT NULL DEFAULT 1,
    expires_at timestamptz NOT NULL,
    invited_by uuid,
    accepted_by uuid,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, primary_organization_id) REFERENCES tenancy.organizations (tenant_id, id),
    CONSTRAINT invitations_accepted CHECK ((status = 'accepted') = (accepted_by IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_pending ON tenancy.invitations (tenant_id, email) WHERE status = 'pending';
CREATE UNIQUE INDEX invitations_token ON tenancy.invitations (tenant_id, token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX invitations_role ON tenancy.invitations (tenant_id, role_id);
CALL runtime.protect('tenancy.invitations');
GRANT SELECT, INSERT, UPDATE ON tenancy.invitations TO tryzore_api, tryzore_work;
