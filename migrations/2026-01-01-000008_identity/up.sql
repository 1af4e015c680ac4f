-- The auth crate's tables. The schema is called `identity`: on a hosted Postgres `auth` is often
-- taken (Supabase's own lives there). All of it is global: it is there before a tenant is known.
CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO tryzore_api, tryzore_inbound, tryzore_work;

-- TEN-05. One human, one login everywhere. A user without an address was made from a phone number
-- alone; nobody can sign in as it before an address is given.
CREATE TABLE identity.users (
    id uuid PRIMARY KEY,
    email text UNIQUE CHECK (length(email) <= 255 AND email = lower(email)),
    email_verified_at timestamptz,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    phone text,
    status text NOT NULL CHECK (status IN ('pending_claim', 'invited', 'active', 'deactivated')),
    deactivated_at timestamptz,
    workos_user_id text UNIQUE,
    owner_account_id uuid,
    password_changed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_deactivated CHECK ((status = 'deactivated') = (deactivated_at IS NOT NULL)),
    CONSTRAINT users_active CHECK (status <> 'active' OR email_verified_at IS NOT NULL)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.users TO tryzore_api, tryzore_work;

CREATE TABLE identity.credentials (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    updated_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.credentials TO tryzore_api;

-- AUT-11. Revoking is what ends a session; the row is also the family of its refresh tokens.
CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    tenant_id uuid NOT NULL,
    organization_id uuid,
    ip_address text,
    device_id text CHECK (length(device_id) <= 255),
    device_name text CHECK (length(device_name) <= 255),
    user_agent text CHECK (length(user_agent) <= 255),
    provider_session text,
    created_at timestamptz NOT NULL,
    last_active timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text,
    CONSTRAINT sessions_revoked CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX sessions_user ON identity.sessions (user_id, last_active DESC);
-- Not unique: a provider that still knows its session may sign someone in with it again.
CREATE INDEX sessions_provider ON identity.sessions (provider_session) WHERE provider_session IS NOT NULL;
CREATE INDEX sessions_over ON identity.sessions (least(expires_at, revoked_at));
GRANT SELECT, INSERT, UPDATE ON identity.sessions TO tryzore_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.sessions TO tryzore_work;

CREATE TABLE identity.refresh_tokens (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    session_id uuid NOT NULL REFERENCES identity.sessions (id) ON DELETE CASCADE,
    generation integer NOT NULL CHECK (generation >= 0),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT refresh_tokens_state CHECK (rotated_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX refresh_tokens_live ON identity.refresh_tokens (session_id)
    WHERE rotated_at IS NULL AND revoked_at IS NULL;
CREATE INDEX refresh_tokens_session ON identity.refresh_tokens (session_id);
GRANT SELECT, INSERT, UPDATE ON identity.refresh_tokens TO tryzore_api, tryzore_work;

-- Links in mails: address verification, password reset, invitation.
CREATE TABLE identity.one_time_tokens (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    email text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('password_reset', 'email_verification', 'invitation')),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at timestamptz
);
CREATE INDEX one_time_tokens_user ON identity.one_time_tokens (user_id) WHERE spent_at IS NULL;
CREATE INDEX one_time_tokens_over ON identity.one_time_tokens (least(expires_at, spent_at));
GRANT SELECT, INSERT, UPDATE ON identity.one_time_tokens TO tryzore_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.one_time_tokens TO tryzore_work;

-- AUT-07. What was tried; the key is a hash of account and network.
CREATE TABLE identity.throttles (
    key bytea PRIMARY KEY CHECK (length(key) = 32),
    failures integer NOT NULL,
    since timestamptz,
    lockouts integer NOT NULL,
    locked_until timestamptz,
    last_at timestamptz
);
CREATE INDEX throttles_age ON identity.throttles (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.throttles TO tryzore_api;
GRANT SELECT, DELETE ON identity.throttles TO tryzore_work;

-- AUT-06. Global, because a key is looked up before its tenant is known.
CREATE TABLE identity.api_keys (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    prefix text NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    patterns text[] NOT NULL,
    issued_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_tenant ON identity.api_keys (tenant_id, created_at DESC);
GRANT SELECT, INSERT, UPDATE ON identity.api_keys TO tryzore_api;

-- The key pairs that sign access tokens; private halves are sealed.
CREATE TABLE identity.signing_keys (
    kid text PRIMARY KEY,
    public bytea NOT NULL CHECK (length(public) = 32),
    sealed bytea NOT NULL,
    sealed_with text NOT NULL,
    state text NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    state_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT signing_keys_state CHECK ((state = 'next') = (state_at IS NULL))
);
CREATE UNIQUE INDEX signing_keys_current ON identity.signing_keys (state) WHERE state = 'current';
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.signing_keys TO tryzore_api;
