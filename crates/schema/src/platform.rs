//! The tables of the Postgres schema `platform`. Generated: see the crate's head.

diesel::table! {
    platform.first_answers (user_id, key) {
        user_id -> Uuid,
        key -> Text,
        fingerprint -> Binary,
        status -> SmallInt,
        body -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    platform.operator_overrides (user_id, pattern) {
        user_id -> Uuid,
        pattern -> Text,
        effect -> Text,
        because -> Text,
        set_by -> Nullable<Uuid>,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    platform.operators (user_id) {
        user_id -> Uuid,
        because -> Text,
        since -> Timestamptz,
        role -> Text,
        status -> Text,
        set_by -> Nullable<Uuid>,
        version -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(first_answers, operator_overrides, operators);
