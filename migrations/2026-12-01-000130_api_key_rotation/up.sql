-- AUT-19. A key that is rotated gets a new text; its former text works for a while longer. A key has at most one
-- former text, so at most two texts work at a time.
ALTER TABLE identity.api_keys
    ADD COLUMN former_prefix text CONSTRAINT api_keys_former_prefix UNIQUE,
    ADD COLUMN former_hash bytea CHECK (length(former_hash) = 32),
    ADD COLUMN former_expires_at timestamptz,
    ADD COLUMN former_last_used_at timestamptz,
    -- A limit of the key's own; null for that of the service alone.
    ADD COLUMN requests_per_minute integer CHECK (requests_per_minute BETWEEN 1 AND 6000),
    ADD CONSTRAINT api_keys_former CHECK (
        (former_prefix IS NULL) = (former_hash IS NULL)
        AND (former_prefix IS NULL) = (former_expires_at IS NULL)
        AND (former_prefix IS NOT NULL OR former_last_used_at IS NULL)
    );
