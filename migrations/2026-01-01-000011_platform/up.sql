-- The platform's own: who operates it.
CREATE SCHEMA platform;
GRANT USAGE ON SCHEMA platform TO tryzore_api;

-- RBA-04. Users who work for the platform, and what they may do there. Global. No service may write
-- it: operators are appointed by whoever operates the database.
CREATE TABLE platform.operators (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id) ON DELETE CASCADE,
    permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
    appointed_because text NOT NULL CHECK (length(appointed_because) BETWEEN 1 AND 500),
    appointed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON platform.operators TO tryzore_api;
