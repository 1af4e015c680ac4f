//! The tables of the Postgres schema `events`. Generated: see the crate's head.

diesel::table! {
    events.bookings (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        event_id -> Uuid,
        client_id -> Uuid,
        user_id -> Uuid,
        booking_organization_id -> Uuid,
        attended_organization_id -> Uuid,
        status -> Text,
        status_at -> Timestamptz,
        is_first_timer -> Bool,
        from_waitlist -> Bool,
        price_minor -> BigInt,
        currency -> Text,
        fee_minor -> BigInt,
        excuse -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamptz,
        booked_by_user_id -> Nullable<Uuid>,
        canceled_by_user_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    events.events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        template_id -> Nullable<Uuid>,
        series_id -> Nullable<Uuid>,
        name -> Text,
        staff_user_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        spots_total -> Integer,
        spots_booked -> Integer,
        location -> Text,
        allow_cross_location_booking -> Bool,
        status -> Text,
        status_reason -> Nullable<Text>,
        external_uid -> Nullable<Text>,
        occurrence_on -> Nullable<Date>,
        reminded_at -> Nullable<Timestamptz>,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        room_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    events.rooms (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Uuid,
        name -> Text,
        capacity -> Integer,
        equipment -> Array<Text>,
        opens_at -> Nullable<Time>,
        closes_at -> Nullable<Time>,
        status -> Text,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    events.series (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Uuid,
        template_id -> Nullable<Uuid>,
        name -> Text,
        kind -> Text,
        staff_user_id -> Nullable<Uuid>,
        time_zone -> Text,
        starts_on -> Date,
        local_time -> Time,
        duration_minutes -> Integer,
        rule -> Text,
        excluded_dates -> Array<Date>,
        spots_total -> Integer,
        location -> Text,
        allow_cross_location_booking -> Bool,
        external_uid -> Nullable<Text>,
        materialized_until -> Nullable<Date>,
        status -> Text,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    events.templates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        name -> Text,
        description -> Text,
        category -> Text,
        difficulty -> Nullable<Text>,
        duration_minutes -> Integer,
        default_spots -> Integer,
        status -> Text,
        is_franchise_template -> Bool,
        franchise_template_id -> Nullable<Uuid>,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    events.waitlist_entries (tenant_id, event_id, place) {
        tenant_id -> Uuid,
        event_id -> Uuid,
        place -> BigInt,
        id -> Uuid,
        client_id -> Uuid,
        user_id -> Uuid,
        current_organization_id -> Nullable<Uuid>,
        passed_over -> Nullable<Text>,
        status -> Text,
        added_at -> Timestamptz,
        status_at -> Timestamptz,
        added_by_user_id -> Nullable<Uuid>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(bookings, events, rooms, series, templates, waitlist_entries);
