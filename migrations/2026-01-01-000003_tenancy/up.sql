CREATE SCHEMA tenancy;
GRANT USAGE ON SCHEMA tenancy TO tryzore_api, tryzore_inbound, tryzore_work;

-- TEN-04. Global: a tenant is what row security isolates by.
CREATE TABLE tenancy.tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    status text NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
    contact_email text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON tenancy.tenants TO tryzore_api, tryzore_work;

-- TEN-01. Global: an owner may own organizations of several tenants.
CREATE TABLE tenancy.owner_accounts (
    id uuid PRIMARY KEY,
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

-- TEN-03
CREATE TABLE tenancy.organizations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    address text,
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
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.owner_organizations TO tryzore_api, tryzore_work;

-- TEN-07, TEN-09. Business hours: {"mon": [["06:00","22:00"]], …}, local time, several spans a day.
CREATE TABLE tenancy.organization_settings (
    tenant_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    cancellation_window_hours integer NOT NULL DEFAULT 2 CHECK (cancellation_window_hours BETWEEN 0 AND 168),
    checkin_window_minutes_before integer NOT NULL DEFAULT 30 CHECK (checkin_window_minutes_before BETWEEN 0 AND 1440),
    noshow_fee_minor bigint NOT NULL DEFAULT 2500 CHECK (noshow_fee_minor >= 0),
    late_cancel_fee_minor bigint NOT NULL DEFAULT 1500 CHECK (late_cancel_fee_minor >= 0),
    drop_in_price_minor bigint NOT NULL DEFAULT 2000 CHECK (drop_in_price_minor >= 0),
    reservation_open_time time,
    reservation_close_time time,
    allow_cross_location_booking boolean NOT NULL DEFAULT true,
    honor_other_location_memberships boolean NOT NULL DEFAULT true,
    tax_settings jsonb NOT NULL DEFAULT '{}',
    business_hours jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, organization_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CALL runtime.protect('tenancy.organization_settings');
GRANT SELECT, INSERT, UPDATE ON tenancy.organization_settings TO tryzore_api, tryzore_work;
