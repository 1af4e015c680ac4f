//! The tables of the Postgres schema `governance`. Generated: see the crate's head.

diesel::table! {
    governance.access_log (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        session_id -> Uuid,
        user_id -> Uuid,
        subject_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        operation -> Text,
        object_ids -> Array<Uuid>,
        ip_address -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    governance.audit_log (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        xact -> BigInt,
        seq -> BigInt,
        actor -> Jsonb,
        subject_id -> Nullable<Uuid>,
        action -> Text,
        target_id -> Uuid,
        organization_ids -> Array<Uuid>,
        details -> Jsonb,
        ip_address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    governance.audit_seals (tenant_id, number) {
        tenant_id -> Uuid,
        number -> BigInt,
        first_seq -> BigInt,
        last_seq -> BigInt,
        entries -> Binary,
        previous -> Binary,
        hash -> Binary,
        sealed_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(access_log, audit_log, audit_seals);
