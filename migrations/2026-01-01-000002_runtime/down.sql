DROP TABLE runtime.decisions, runtime.idempotency_keys, runtime.schedule_runs, runtime.followed, runtime.jobs, runtime.outbox;
DROP DOMAIN runtime.outcome;
DROP SEQUENCE runtime.outbox_position;
