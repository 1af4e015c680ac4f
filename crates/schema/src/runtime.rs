//! The tables of the Postgres schema `runtime`. Generated: see the crate's head.

diesel::table! {
    runtime.decisions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        command -> Text,
        object_id -> Uuid,
        organization_id -> Nullable<Uuid>,
        actor -> Jsonb,
        subject_id -> Nullable<Uuid>,
        outcome -> Text,
        code -> Text,
        because -> Jsonb,
        remedy -> Nullable<Jsonb>,
        decided_at -> Timestamptz,
        audience -> Nullable<Text>,
    }
}

diesel::table! {
    runtime.followed (subscription, event_id) {
        subscription -> Text,
        event_id -> Uuid,
        followed_at -> Timestamptz,
    }
}

diesel::table! {
    runtime.idempotency_keys (tenant_id, actor_id, key) {
        tenant_id -> Uuid,
        actor_id -> Uuid,
        key -> Text,
        fingerprint -> Binary,
        status -> SmallInt,
        body -> Text,
        created_at -> Timestamptz,
        organization_ids -> Array<Uuid>,
    }
}

diesel::table! {
    runtime.jobs (seq) {
        seq -> BigInt,
        id -> Uuid,
        queue -> Text,
        tenant_id -> Nullable<Uuid>,
        kind -> Text,
        payload -> Jsonb,
        dedupe_key -> Nullable<Text>,
        order_key -> Nullable<Text>,
        priority -> SmallInt,
        run_at -> Timestamptz,
        attempts -> Integer,
        max_attempts -> Integer,
        locked_until -> Nullable<Timestamptz>,
        locked_by -> Nullable<Text>,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    runtime.outbox (seq) {
        seq -> BigInt,
        id -> Uuid,
        tenant_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        aggregate_id -> Uuid,
        subject_id -> Nullable<Uuid>,
        actor -> Jsonb,
        payload -> Jsonb,
        occurred_at -> Timestamptz,
        position -> Nullable<BigInt>,
        audience -> Nullable<Text>,
    }
}

diesel::table! {
    runtime.schedule_runs (schedule, due_at) {
        schedule -> Text,
        due_at -> Timestamptz,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        details -> Jsonb,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    decisions,
    followed,
    idempotency_keys,
    jobs,
    outbox,
    schedule_runs
);
