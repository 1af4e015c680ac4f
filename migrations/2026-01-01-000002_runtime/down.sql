DROP TABLE runtime.decisions, runtime.idempotency_keys, runtime.schedule_runs, runtime.followed, runtime.jobs, runtime.outbox;
DROP DOMAIN runtime.outcome, runtime.once_key;
DROP SEQUENCE runtime.outbox_position;
