//! The table rows of events, bookings and waitlist entries.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Time, Timestamptz, Uuid},
};
use tryzore_events::{
    Booking, BookingClient, BookingRules, Event, SeriesDate, Spots, WaitlistEntry,
    booking_rules::ReservationHours, visit::Whereabouts,
};
use tryzore_kernel::{
    BookingId, ClientId, Currency, EventId, Money, OrganizationId, RoomId, SeriesId, StoreResult, TemplateId,
    UserId, WaitlistEntryId,
};
use tryzore_postgres::column::{corrupt, count, from_text};

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct EventRow {
    #[diesel(sql_type = Uuid)]
    id: EventId,
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    template_id: Option<TemplateId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    series_id: Option<SeriesId>,
    #[diesel(sql_type = Nullable<Date>)]
    occurrence_on: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    staff_user_id: Option<UserId>,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    spots_total: i32,
    #[diesel(sql_type = Integer)]
    spots_booked: i32,
    #[diesel(sql_type = Text)]
    location: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Bool)]
    allow_cross_location_booking: bool,
    #[diesel(sql_type = Nullable<Uuid>)]
    room_id: Option<RoomId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    reminded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(embed)]
    rules: BookingRulesRow,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct BookingRulesRow {
    #[diesel(sql_type = Bool)]
    location_is_open: bool,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Integer)]
    cancellation_window_hours: i32,
    #[diesel(sql_type = Integer)]
    checkin_window_minutes_before: i32,
    #[diesel(sql_type = BigInt)]
    noshow_fee_minor: i64,
    #[diesel(sql_type = BigInt)]
    late_cancel_fee_minor: i64,
    #[diesel(sql_type = BigInt)]
    drop_in_price_minor: i64,
    #[diesel(sql_type = Nullable<Time>)]
    reservation_open_time: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<Time>)]
    reservation_close_time: Option<NaiveTime>,
    #[diesel(sql_type = Bool)]
    takes_visitors: bool,
    #[diesel(sql_type = Bool)]
    honor_other_location_memberships: bool,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct BookingClientRow {
    #[diesel(sql_type = Uuid)]
    client_id: ClientId,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    client_status: String,
    #[diesel(sql_type = Uuid)]
    home_organization_id: OrganizationId,
    #[diesel(sql_type = Array<Uuid>)]
    allowed_organization_ids: Vec<OrganizationId>,
    #[diesel(sql_type = Bool)]
    has_attended: bool,
    #[diesel(sql_type = Nullable<Uuid>)]
    holds: Option<BookingId>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct BookingRow {
    #[diesel(sql_type = Uuid)]
    id: BookingId,
    #[diesel(sql_type = Uuid)]
    pub(super) event_id: EventId,
    #[diesel(sql_type = Uuid)]
    client_id: ClientId,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Uuid)]
    booking_organization_id: OrganizationId,
    #[diesel(sql_type = Uuid)]
    attended_organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Timestamptz)]
    status_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_first_timer: bool,
    #[diesel(sql_type = Bool)]
    from_waitlist: bool,
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = BigInt)]
    fee_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<Text>)]
    excuse: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Uuid>)]
    booked_by_user_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    canceled_by_user_id: Option<UserId>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct EntryRow {
    #[diesel(sql_type = Uuid)]
    entry_id: WaitlistEntryId,
    #[diesel(sql_type = Uuid)]
    event_id: EventId,
    #[diesel(sql_type = Uuid)]
    client_id: ClientId,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Nullable<Uuid>)]
    current_organization_id: Option<OrganizationId>,
    #[diesel(sql_type = Timestamptz)]
    added_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Uuid>)]
    added_by_user_id: Option<UserId>,
}

impl EventRow {
    pub(super) fn event(self) -> StoreResult<Event> {
        let (total, booked) = (count(self.spots_total.into()), count(self.spots_booked.into()));
        Ok(Event {
            id: self.id,
            organization: self.organization_id,
            kind: from_text(&self.kind)?,
            template: self.template_id,
            series: self.series_id.zip(self.occurrence_on).map(|(series, on)| SeriesDate { series, on }),
            name: self.name,
            staff: self.staff_user_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            spots: Spots::try_new(total, booked).ok_or_else(|| corrupt("events.spots_booked"))?,
            location: self.location,
            state: from_text(&self.status)?,
            takes_visitors: self.allow_cross_location_booking,
            room: self.room_id,
            reminded_at: self.reminded_at,
            version: self.version,
            rules: self.rules.rules()?,
        })
    }
}

impl BookingRulesRow {
    pub(super) fn rules(self) -> StoreResult<BookingRules> {
        let currency = money_of(&self.currency)?;
        let hours = self.reservation_open_time.zip(self.reservation_close_time);
        Ok(BookingRules {
            is_open: self.location_is_open,
            zone: self.time_zone.parse().map_err(|_| corrupt("organizations.time_zone"))?,
            cancellation_window: Duration::hours(self.cancellation_window_hours.into()),
            checkin_window: Duration::minutes(self.checkin_window_minutes_before.into()),
            late_cancel_fee: Money::new(self.late_cancel_fee_minor, currency),
            noshow_fee: Money::new(self.noshow_fee_minor, currency),
            drop_in_price: Money::new(self.drop_in_price_minor, currency),
            reservation_hours: hours.map(|(open, close)| ReservationHours { open, close }),
            takes_visitors: self.takes_visitors,
            honors_memberships: self.honor_other_location_memberships,
        })
    }
}

impl BookingClientRow {
    /// The client as the booking context needs it, with `current` as the current location.
    pub(super) fn booking_client(self, current: Option<OrganizationId>) -> BookingClient {
        BookingClient {
            client: self.client_id,
            user: self.user_id,
            is_active: self.client_status == "active",
            whereabouts: Whereabouts {
                home: self.home_organization_id,
                current,
                allowed: self.allowed_organization_ids,
            },
            has_attended: self.has_attended,
            holds: self.holds,
        }
    }
}

impl BookingRow {
    pub(super) fn booking(self) -> StoreResult<Booking> {
        let currency = money_of(&self.currency)?;
        Ok(Booking {
            id: self.id,
            event: self.event_id,
            client: self.client_id,
            user: self.user_id,
            booked_from: self.booking_organization_id,
            attended_at: self.attended_organization_id,
            state: from_text(&self.status)?,
            state_at: self.status_at,
            is_first_timer: self.is_first_timer,
            from_waitlist: self.from_waitlist,
            price: Money::new(self.price_minor, currency),
            fee: Money::new(self.fee_minor, currency),
            excuse: self.excuse,
            created_at: self.created_at,
            booked_by: self.booked_by_user_id,
            canceled_by: self.canceled_by_user_id,
        })
    }
}

impl EntryRow {
    pub(super) fn entry(self) -> WaitlistEntry {
        WaitlistEntry {
            id: self.entry_id,
            event: self.event_id,
            client: self.client_id,
            user: self.user_id,
            current: self.current_organization_id,
            added_at: self.added_at,
            added_by: self.added_by_user_id,
        }
    }
}

fn money_of(code: &str) -> StoreResult<Currency> {
    code.parse().map_err(|_| corrupt("currency"))
}
