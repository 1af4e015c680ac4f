//! How events and bookings lie in their tables.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Time, Timestamptz, Uuid},
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as NotOurs};
use tryzore_events::{
    Desk, Event, House, Spots, Standing,
    event::ReservationHours,
    visit::Whereabouts,
};
use tryzore_kernel::{BookingId, ClientId, Currency, EventId, Money, OrganizationId, StoreError, StoreResult, UserId};

/// Everything about an event, its house and one client, in one row.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct DeskRow {
    #[diesel(embed)]
    event: EventRow,
    #[diesel(embed)]
    standing: StandingRow,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct EventRow {
    #[diesel(sql_type = Uuid)]
    id: EventId,
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    kind: String,
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
    status: String,
    #[diesel(sql_type = Bool)]
    allow_cross_location_booking: bool,
    #[diesel(embed)]
    house: HouseRow,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HouseRow {
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
struct StandingRow {
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

impl DeskRow {
    pub(super) fn desk(self, current: Option<OrganizationId>) -> StoreResult<Desk> {
        let client = self.standing;
        Ok(Desk {
            event: self.event.event()?,
            standing: Standing {
                client: client.client_id,
                user: client.user_id,
                is_active: client.client_status == "active",
                whereabouts: Whereabouts {
                    home: client.home_organization_id,
                    current,
                    allowed: client.allowed_organization_ids,
                },
                has_attended: client.has_attended,
                holds: client.holds,
            },
            waiting: u32::try_from(self.waiting).unwrap_or(u32::MAX),
        })
    }
}

impl EventRow {
    pub(super) fn event(self) -> StoreResult<Event> {
        let booked = u32::try_from(self.spots_booked).unwrap_or_default();
        let total = u32::try_from(self.spots_total).unwrap_or_default();
        Ok(Event {
            id: self.id,
            organization: self.organization_id,
            kind: word(&self.kind)?,
            name: self.name,
            staff: self.staff_user_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            spots: Spots::try_new(total, booked).ok_or_else(|| corrupt("events.spots_booked"))?,
            state: word(&self.status)?,
            takes_visitors: self.allow_cross_location_booking,
            house: self.house.house()?,
        })
    }
}

impl HouseRow {
    fn house(self) -> StoreResult<House> {
        let currency: Currency = self.currency.parse().map_err(|_| corrupt("organizations.currency"))?;
        let hours = self.reservation_open_time.zip(self.reservation_close_time);
        Ok(House {
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

/// A state as its column spells it: the same word as in JSON.
pub(super) fn word<T: DeserializeOwned>(text: &str) -> StoreResult<T> {
    T::deserialize(text.into_deserializer()).map_err(|error: NotOurs| StoreError::Broken(error.to_string()))
}

fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} holds what no one could have written"))
}
