//! The tables of the Postgres schema `rbac`. Generated: see the crate's head.

diesel::table! {
    rbac.assignments (tenant_id, user_id, organization_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        organization_id -> Uuid,
        role_id -> Uuid,
        is_primary -> Bool,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rbac.overrides (tenant_id, user_id, id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        id -> Uuid,
        pattern -> Text,
        effect -> Text,
        organization_id -> Nullable<Uuid>,
        reason -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rbac.permission_use (tenant_id, user_id, slug) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        slug -> Text,
        last_used_on -> Date,
    }
}

diesel::table! {
    rbac.role_permissions (tenant_id, role_id, pattern) {
        tenant_id -> Uuid,
        role_id -> Uuid,
        pattern -> Text,
    }
}

diesel::table! {
    rbac.roles (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        preset -> Nullable<Text>,
        name -> Text,
        description -> Text,
        scope -> Text,
        is_editable -> Bool,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    assignments,
    overrides,
    permission_use,
    role_permissions,
    roles
);
