//! The tables of the Postgres schema `webhooks`. Generated: see the crate's head.

diesel::table! {
    webhooks.cursors (provider) {
        provider -> Text,
        cursor -> Nullable<Text>,
        moved_at -> Timestamptz,
        read_at -> Timestamptz,
    }
}

diesel::table! {
    webhooks.deliveries (id) {
        id -> Uuid,
        provider -> Text,
        external_id -> Text,
        event_type -> Text,
        headers -> Jsonb,
        raw_payload -> Binary,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
        processed_by -> Nullable<Text>,
        result -> Nullable<Text>,
        error_message -> Nullable<Text>,
        attempts -> Integer,
        dead_at -> Nullable<Timestamptz>,
        tenant_id -> Nullable<Uuid>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(cursors, deliveries);
