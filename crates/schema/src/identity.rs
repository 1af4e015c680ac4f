//! The tables of the Postgres schema `identity`. Generated: see the crate's head.

diesel::table! {
    identity.api_keys (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        organization_id -> Uuid,
        name -> Text,
        prefix -> Text,
        hash -> Binary,
        patterns -> Array<Text>,
        issued_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.credentials (user_id) {
        user_id -> Uuid,
        password_hash -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    identity.factor_policies (tenant_id) {
        tenant_id -> Uuid,
        everyone_since -> Nullable<Timestamptz>,
        roles -> Jsonb,
        grace_days -> Integer,
        step_up -> Jsonb,
        version -> Integer,
        updated_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.factors (id) {
        id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        name -> Text,
        sealed -> Binary,
        sealed_with -> Text,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        last_step -> Nullable<BigInt>,
    }
}

diesel::table! {
    identity.login_challenges (hash) {
        hash -> Binary,
        user_id -> Uuid,
        tenant_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        ip_address -> Nullable<Text>,
        device_id -> Nullable<Text>,
        device_name -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        provider_session -> Nullable<Text>,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        guesses -> Integer,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.one_time_tokens (hash) {
        hash -> Binary,
        user_id -> Uuid,
        email -> Text,
        purpose -> Text,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        spent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.recovery_codes (user_id, hash) {
        user_id -> Uuid,
        hash -> Binary,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.refresh_tokens (hash) {
        hash -> Binary,
        session_id -> Uuid,
        generation -> Integer,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        rotated_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        tenant_id -> Uuid,
        organization_id -> Nullable<Uuid>,
        ip_address -> Nullable<Text>,
        device_id -> Nullable<Text>,
        device_name -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        provider_session -> Nullable<Text>,
        created_at -> Timestamptz,
        last_active -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_because -> Nullable<Text>,
        factor_at -> Nullable<Timestamptz>,
        factor_method -> Nullable<Text>,
        acting_subject_id -> Nullable<Uuid>,
        acting_grant_id -> Nullable<Uuid>,
        acting_patterns -> Nullable<Array<Text>>,
        acting_organization_ids -> Nullable<Array<Uuid>>,
        acting_reason -> Nullable<Text>,
    }
}

diesel::table! {
    identity.signing_keys (kid) {
        kid -> Text,
        public -> Binary,
        sealed -> Binary,
        sealed_with -> Text,
        state -> Text,
        state_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    identity.support_grants (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        requested_by -> Uuid,
        requested_by_name -> Text,
        reason -> Text,
        ticket -> Nullable<Text>,
        patterns -> Array<Text>,
        organization_ids -> Nullable<Array<Uuid>>,
        minutes -> Integer,
        status -> Text,
        requested_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        decided_because -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        version -> Integer,
    }
}

diesel::table! {
    identity.throttles (key) {
        key -> Binary,
        failures -> Integer,
        since -> Nullable<Timestamptz>,
        lockouts -> Integer,
        locked_until -> Nullable<Timestamptz>,
        last_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identity.users (id) {
        id -> Uuid,
        email -> Nullable<Text>,
        email_verified_at -> Nullable<Timestamptz>,
        name -> Text,
        phone -> Nullable<Text>,
        status -> Text,
        deactivated_at -> Nullable<Timestamptz>,
        workos_user_id -> Nullable<Text>,
        owner_account_id -> Nullable<Uuid>,
        password_changed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        provider_updated_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    api_keys,
    credentials,
    factor_policies,
    factors,
    login_challenges,
    one_time_tokens,
    recovery_codes,
    refresh_tokens,
    sessions,
    signing_keys,
    support_grants,
    throttles,
    users
);
