ALTER TABLE runtime.idempotency_keys DROP COLUMN organization_ids;
