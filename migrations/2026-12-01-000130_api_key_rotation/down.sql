ALTER TABLE identity.api_keys
    DROP CONSTRAINT api_keys_former,
    DROP COLUMN former_prefix,
    DROP COLUMN former_hash,
    DROP COLUMN former_expires_at,
    DROP COLUMN former_last_used_at,
    DROP COLUMN requests_per_minute;
