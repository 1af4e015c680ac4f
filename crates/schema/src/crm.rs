//! The tables of the Postgres schema `crm`. Generated: see the crate's head.

diesel::table! {
    crm.clients (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        home_organization_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        locale -> Nullable<Text>,
        marketing_consent -> Nullable<Bool>,
        external_ref -> Nullable<Text>,
        allowed_organization_ids -> Array<Uuid>,
        status -> Text,
        archived_at -> Nullable<Timestamptz>,
        joined_on -> Date,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        name_key -> Text,
        given_key -> Text,
    }
}

diesel::table! {
    crm.consent_texts (tenant_id, purpose, version) {
        tenant_id -> Uuid,
        purpose -> Text,
        version -> Integer,
        text -> Text,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    crm.consents (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        position -> BigInt,
        client_id -> Uuid,
        purpose -> Text,
        channel -> Text,
        organization_id -> Nullable<Uuid>,
        text_version -> Nullable<Integer>,
        is_given -> Bool,
        source -> Text,
        proof -> Jsonb,
        at -> Timestamptz,
    }
}

diesel::table! {
    crm.import_chunks (tenant_id, upload_id, number) {
        tenant_id -> Uuid,
        upload_id -> Uuid,
        number -> Integer,
        bytes -> Binary,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    crm.import_refused (tenant_id, import_id, row_number) {
        tenant_id -> Uuid,
        import_id -> Uuid,
        row_number -> Integer,
        cells -> Jsonb,
        faults -> Jsonb,
    }
}

diesel::table! {
    crm.imports (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Uuid,
        requested_by -> Nullable<Uuid>,
        file_name -> Text,
        file_bytes -> BigInt,
        upload_id -> Nullable<Uuid>,
        runs_unasked -> Bool,
        mapping -> Jsonb,
        options -> Jsonb,
        state -> Text,
        details -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    clients,
    consent_texts,
    consents,
    import_chunks,
    import_refused,
    imports
);
