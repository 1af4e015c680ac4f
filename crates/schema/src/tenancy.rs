//! The tables of the Postgres schema `tenancy`. Generated: see the crate's head.

diesel::table! {
    tenancy.archived_incomplete_signups (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        email -> Text,
        name -> Text,
        is_enterprise -> Bool,
        created_at -> Timestamptz,
        archived_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.archived_onboarding_sessions (id) {
        id -> Uuid,
        owner_account_id -> Nullable<Uuid>,
        current_step -> Text,
        step_data -> Jsonb,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        archived_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.employees (tenant_id, user_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        email -> Text,
        phone -> Nullable<Text>,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.invitations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        email -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        role_id -> Uuid,
        primary_organization_id -> Uuid,
        organization_ids -> Array<Uuid>,
        reviewed_permissions -> Array<Text>,
        token_hash -> Nullable<Binary>,
        status -> Text,
        status_at -> Timestamptz,
        sent_count -> Integer,
        expires_at -> Timestamptz,
        invited_by -> Nullable<Uuid>,
        accepted_by -> Nullable<Uuid>,
        version -> Integer,
        created_at -> Timestamptz,
        reviewed_scope -> Text,
        role_expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tenancy.memberships (user_id, tenant_id) {
        user_id -> Uuid,
        tenant_id -> Uuid,
        home_organization_id -> Nullable<Uuid>,
        since -> Timestamptz,
    }
}

diesel::table! {
    tenancy.onboarding_sessions (id) {
        id -> Uuid,
        token_hash -> Binary,
        user_id -> Nullable<Uuid>,
        owner_account_id -> Nullable<Uuid>,
        tenant_id -> Nullable<Uuid>,
        current_step -> Text,
        step_data -> Jsonb,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.organization_settings (tenant_id, organization_id) {
        tenant_id -> Uuid,
        organization_id -> Uuid,
        cancellation_window_hours -> Integer,
        checkin_window_minutes_before -> Integer,
        noshow_fee_minor -> BigInt,
        late_cancel_fee_minor -> BigInt,
        drop_in_price_minor -> BigInt,
        reservation_open_time -> Nullable<Time>,
        reservation_close_time -> Nullable<Time>,
        allow_cross_location_booking -> Bool,
        honor_other_location_memberships -> Bool,
        tax_settings -> Jsonb,
        business_hours -> Jsonb,
        version -> Integer,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.organizations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        name -> Text,
        address -> Nullable<Text>,
        time_zone -> Text,
        currency -> Text,
        jurisdiction -> Text,
        plan_tier -> Text,
        is_franchise_location -> Bool,
        stripe_account_id -> Nullable<Text>,
        stripe_tax_configured -> Bool,
        kisi_api_key_encrypted -> Nullable<Binary>,
        status -> Text,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.owner_accounts (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        email -> Text,
        name -> Text,
        is_enterprise -> Bool,
        billing_email -> Nullable<Text>,
        onboarding_completed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.owner_organizations (tenant_id, owner_account_id, organization_id) {
        tenant_id -> Uuid,
        owner_account_id -> Uuid,
        organization_id -> Uuid,
        role -> Text,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.tenants (id) {
        id -> Uuid,
        name -> Text,
        status -> Text,
        contact_email -> Text,
        turned_at -> Nullable<Timestamptz>,
        turned_by -> Nullable<Uuid>,
        turned_because -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    archived_incomplete_signups,
    archived_onboarding_sessions,
    employees,
    invitations,
    memberships,
    onboarding_sessions,
    organization_settings,
    organizations,
    owner_accounts,
    owner_organizations,
    tenants
);
