ALTER TABLE runtime.decisions DROP COLUMN audience;
ALTER TABLE runtime.outbox DROP COLUMN audience;
