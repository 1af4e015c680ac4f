//! The tables of the Postgres schema `platform`. Generated: see the crate's head.

diesel::table! {
    platform.operators (user_id) {
        user_id -> Uuid,
        permissions -> Array<Text>,
        appointed_because -> Text,
        appointed_at -> Timestamptz,
    }
}
