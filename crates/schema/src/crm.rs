//! The tables of the Postgres schema `crm`. Generated from the migrated database by `cargo xtask schema`.

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
        marketing_consent -> Bool,
        external_ref -> Nullable<Text>,
        allowed_organization_ids -> Array<Uuid>,
        status -> Text,
        joined_on -> Date,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}
