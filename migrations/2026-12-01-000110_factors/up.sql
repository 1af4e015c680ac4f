-- AUT-04. Second factors of users; secrets are sealed with a key of the configuration. A factor without
-- confirmed_at does not count.
CREATE TABLE identity.factors (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('totp')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    sealed bytea NOT NULL,
    sealed_with text NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_used_at timestamptz,
    -- The time step of the last accepted code: no code of this step or an earlier one is accepted again.
    last_step bigint,
    CONSTRAINT factors_used CHECK (confirmed_at IS NULL OR last_step IS NOT NULL)
);
CREATE INDEX factors_user ON identity.factors (user_id, created_at, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.factors TO tryzore_api;

-- Recovery codes, as hashes; each is used once.
CREATE TABLE identity.recovery_codes (
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.recovery_codes TO tryzore_api;

-- Sign-ins with a right password that lack the second factor.
CREATE TABLE identity.login_challenges (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    user_id uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    tenant_id uuid,
    organization_id uuid,
    ip_address text,
    device_id text CHECK (length(device_id) <= 255),
    device_name text CHECK (length(device_name) <= 255),
    user_agent text CHECK (length(user_agent) <= 255),
    provider_session text,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    guesses integer NOT NULL CHECK (guesses BETWEEN 0 AND 5),
    answered_at timestamptz
);
CREATE INDEX login_challenges_over ON identity.login_challenges (expires_at);
GRANT SELECT, INSERT, UPDATE ON identity.login_challenges TO tryzore_api;
GRANT SELECT, DELETE ON identity.login_challenges TO tryzore_work;

-- The last use of a factor in a session.
ALTER TABLE identity.sessions
    ADD COLUMN factor_at timestamptz,
    ADD COLUMN factor_method text CHECK (factor_method IN ('totp', 'recovery_code')),
    ADD CONSTRAINT sessions_factor CHECK ((factor_at IS NULL) = (factor_method IS NULL));

-- What a tenant requires of second factors. `roles` has since when each role requires one, `step_up` within
-- how many minutes one must have been used for a permission.
CREATE TABLE identity.factor_policies (
    tenant_id uuid PRIMARY KEY,
    everyone_since timestamptz,
    roles jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roles) = 'object'),
    grace_days integer NOT NULL DEFAULT 0 CHECK (grace_days BETWEEN 0 AND 90),
    step_up jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(step_up) = 'object'),
    version integer NOT NULL DEFAULT 0,
    updated_at timestamptz
);
CALL runtime.protect('identity.factor_policies');
GRANT SELECT, INSERT, UPDATE ON identity.factor_policies TO tryzore_api;
