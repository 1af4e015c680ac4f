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
    platform.operators (user_id) {
        user_id -> Uuid,
        permissions -> Array<Text>,
        appointed_because -> Text,
        appointed_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(first_answers, operators);
