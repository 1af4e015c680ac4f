//! The tables of the Postgres schema `support`. Generated: see the crate's head.

diesel::table! {
    support.manual_overrides (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        target -> Text,
        subject_user_id -> Nullable<Uuid>,
        change -> Jsonb,
        state_before -> Jsonb,
        state_after -> Jsonb,
        effects -> Array<Text>,
        reason -> Text,
        confirm_within_hours -> Integer,
        status -> Text,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        executed_at -> Nullable<Timestamptz>,
        confirm_by -> Nullable<Timestamptz>,
        settled_by -> Nullable<Uuid>,
        settled_at -> Nullable<Timestamptz>,
        undo -> Nullable<Jsonb>,
        failure -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    support.override_steps (tenant_id, override_id, version) {
        tenant_id -> Uuid,
        override_id -> Uuid,
        version -> Integer,
        step -> Text,
        by_user_id -> Nullable<Uuid>,
        at -> Timestamptz,
        details -> Jsonb,
    }
}

diesel::allow_tables_to_appear_in_same_query!(manual_overrides, override_steps);
