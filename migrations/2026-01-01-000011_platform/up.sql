-- The platform's own: who operates it.
CREATE SCHEMA platform;
GRANT USAGE ON SCHEMA platform TO tryzore_api, tryzore_work, tryzore_operator;

-- RBA-04. Users who work for the platform, and what they may do there. Global. No service may write
-- it: operators are appointed by whoever operates the database.
CREATE TABLE platform.operators (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id) ON DELETE CASCADE,
    permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
    appointed_because text NOT NULL CHECK (length(appointed_because) BETWEEN 1 AND 500),
    appointed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON platform.operators TO tryzore_api;

-- What operators are called, for each other. It reads users with the rights of its owner: an operator
-- has none over them.
CREATE VIEW platform.operator_names AS
    SELECT o.user_id, u.name FROM platform.operators o JOIN identity.users u ON u.id = o.user_id;
GRANT SELECT ON platform.operator_names TO tryzore_operator;

-- The first answer to an operator's request, for whoever sends it again; those of tenants' people are in
-- runtime.idempotency_keys.
CREATE TABLE platform.first_answers (
    user_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX first_answers_age ON platform.first_answers (created_at);
GRANT SELECT, INSERT ON platform.first_answers TO tryzore_operator;
GRANT SELECT (user_id, key, created_at), DELETE ON platform.first_answers TO tryzore_work;
