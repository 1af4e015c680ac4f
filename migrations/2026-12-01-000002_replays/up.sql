-- Where the first answer did something: whoever asks for it again must still reach these locations.
ALTER TABLE runtime.idempotency_keys ADD COLUMN organization_ids uuid[] NOT NULL DEFAULT '{}';
