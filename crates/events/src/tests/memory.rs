//! One event with its clients in memory: the simplest store that fulfills the ports.

use super::*;
use crate::{
    BookingWithEvent, Bookings, Rank, Room, RoomUse, Rooms, Roster, Rosters, Schedules, Waitlist,
    WaitlistCandidate, WaitlistEntry, Waitlists,
};
use std::collections::BTreeMap;
use tryzore_kernel::{AuditEntry, Decision, Journal, Published, RoomId, StoreResult, WaitlistEntryId};

/// A client as the store knows them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) is_active: bool,
    pub(super) home: OrganizationId,
}

#[derive(Debug)]
pub(super) struct Memory {
    pub(super) event: Event,
    pub(super) people: BTreeMap<ClientId, Person>,
    pub(super) bookings: Vec<Booking>,
    pub(super) waitlist: Vec<(WaitlistEntry, Option<String>)>,
    pub(super) events: Vec<Published>,
    pub(super) decisions: Vec<Decision>,
    pub(super) audit: Vec<AuditEntry>,
}

impl Memory {
    pub(super) fn of(event: Event) -> Self {
        Self {
            event,
            people: BTreeMap::new(),
            bookings: Vec::new(),
            waitlist: Vec::new(),
            events: Vec::new(),
            decisions: Vec::new(),
            audit: Vec::new(),
        }
    }

    pub(super) fn person(&mut self, home: OrganizationId) -> (ClientId, UserId) {
        let (client, user) = (ClientId::generate(noon()), UserId::generate(noon()));
        self.people.insert(client, Person { user, is_active: true, home });
        (client, user)
    }

    pub(super) fn held(&self) -> Vec<&Booking> {
        self.bookings.iter().filter(|booking| booking.state.holds_spot()).collect()
    }

    pub(super) fn kinds(&self) -> Vec<&str> {
        self.events.iter().map(|event| &*event.kind).collect()
    }

    fn booking_client(&self, client: ClientId, current: Option<OrganizationId>) -> BookingClient {
        let person = &self.people[&client];
        let of_client = |booking: &&Booking| booking.client == client;
        BookingClient {
            client,
            user: person.user,
            is_active: person.is_active,
            whereabouts: Whereabouts { home: person.home, current, allowed: Vec::new() },
            has_attended: self.bookings.iter().filter(of_client).any(|b| b.state == BookingState::Attended),
            holds: self.held().into_iter().find(|b| b.client == client).map(|b| b.id),
        }
    }

    fn recount(&mut self) {
        let held = u32::try_from(self.held().len()).unwrap();
        self.event.spots = Spots::try_new(self.event.spots.total(), held).expect("never over capacity");
    }
}

impl Bookings for Memory {
    async fn booking_context(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<BookingContext>> {
        let client = self.people.iter().find(|(_, person)| person.user == user).map(|(client, _)| *client);
        let Some(client) = client.filter(|_| event == self.event.id) else { return Ok(None) };
        let waiting = u32::try_from(self.waitlist.len()).unwrap();
        let position = self.waitlist.iter().position(|(entry, _)| entry.client == client);
        let rank = position.map(|at| Rank { position: u32::try_from(at).unwrap() + 1, of: waiting });
        Ok(Some(BookingContext {
            event: self.event.clone(),
            booking_client: self.booking_client(client, current),
            waiting,
            rank,
        }))
    }

    async fn booking_context_of_client(
        &mut self,
        event: EventId,
        client: ClientId,
    ) -> StoreResult<Option<BookingContext>> {
        let Some(person) = self.people.get(&client) else { return Ok(None) };
        let (user, at) = (person.user, self.event.organization);
        self.booking_context(event, user, Some(at)).await
    }

    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()> {
        assert!(self.held().iter().all(|held| held.client != booking.client), "one spot a client");
        self.bookings.push(booking.clone());
        self.recount();
        Ok(())
    }

    async fn waitlist_mark_promoted(&mut self, booking: &Booking) -> StoreResult<()> {
        self.waitlist.retain(|(entry, _)| entry.client != booking.client);
        Ok(())
    }

    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>> {
        let found = self.bookings.iter().find(|one| one.id == booking).cloned();
        Ok(found.map(|booking| BookingWithEvent {
            event: self.event.clone(),
            has_attended: self.booking_client(booking.client, None).has_attended,
            waiting: u32::try_from(self.waitlist.len()).unwrap(),
            booking,
        }))
    }

    async fn booking_update(&mut self, booking: &Booking, before: BookingState) -> StoreResult<()> {
        let kept = self.bookings.iter_mut().find(|one| one.id == booking.id).unwrap();
        assert_eq!(kept.state, before);
        *kept = booking.clone();
        self.recount();
        Ok(())
    }
}

impl Waitlists for Memory {
    async fn waitlist_open(&mut self, event: EventId) -> StoreResult<Option<Waitlist>> {
        let candidates = self.waitlist.iter().map(|(entry, passed_over)| WaitlistCandidate {
            entry: entry.clone(),
            booking_client: self.booking_client(entry.client, entry.current),
            passed_over: passed_over.clone(),
        });
        let waitlist = Waitlist { event: self.event.clone(), candidates: candidates.collect() };
        Ok((event == self.event.id).then_some(waitlist))
    }

    async fn waitlist_entry_insert(&mut self, entry: &WaitlistEntry) -> StoreResult<()> {
        assert!(self.waitlist.iter().all(|(other, _)| other.client != entry.client), "one place a client");
        self.waitlist.push((entry.clone(), None));
        Ok(())
    }

    async fn waitlist_entry_remove(
        &mut self,
        _: EventId,
        entry: WaitlistEntryId,
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.waitlist.retain(|(other, _)| other.id != entry);
        Ok(())
    }

    async fn waitlist_entry_pass_over(
        &mut self,
        _: EventId,
        entry: WaitlistEntryId,
        code: &str,
    ) -> StoreResult<()> {
        self.waitlist
            .iter_mut()
            .filter(|(other, _)| other.id == entry)
            .for_each(|(_, why)| *why = Some(code.into()));
        Ok(())
    }

    async fn waitlist_expire(&mut self, _: EventId, _: DateTime<Utc>) -> StoreResult<()> {
        self.waitlist.clear();
        Ok(())
    }
}

impl Rosters for Memory {
    async fn roster_open(&mut self, event: EventId) -> StoreResult<Option<Roster>> {
        let concerned = self.bookings.iter().filter(|b| b.state.holds_spot() || !b.fee.is_zero());
        let bookings = concerned.cloned().collect();
        let waiting = self.waitlist.iter().map(|(entry, _)| entry.clone()).collect();
        Ok((event == self.event.id).then(|| Roster { event: self.event.clone(), bookings, waiting }))
    }

    async fn bookings_move(
        &mut self,
        _: EventId,
        from: &[BookingState],
        to: BookingState,
        fee: Money,
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        for booking in self.bookings.iter_mut().filter(|booking| from.contains(&booking.state)) {
            *booking = booking.moved_to(to, fee, at);
        }
        self.recount();
        Ok(())
    }
}

// One event alone clashes with nothing: rooms are tested on Postgres.
impl Rooms for Memory {
    async fn room_open(&mut self, _: RoomId) -> StoreResult<Option<Room>> {
        Ok(None)
    }

    async fn room_name_is_free(&mut self, _: &Room) -> StoreResult<bool> {
        Ok(true)
    }

    async fn room_insert(&mut self, _: &Room, _: DateTime<Utc>) -> StoreResult<()> {
        Ok(())
    }

    async fn room_update(&mut self, _: &Room, _: DateTime<Utc>) -> StoreResult<()> {
        Ok(())
    }

    async fn room_clash(
        &mut self,
        _: RoomId,
        _: EventId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> StoreResult<Option<RoomUse>> {
        Ok(None)
    }

    async fn room_next_event(&mut self, _: RoomId, _: DateTime<Utc>) -> StoreResult<Option<RoomUse>> {
        Ok(None)
    }
}

impl Schedules for Memory {
    async fn booking_rules_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<BookingRules>> {
        Ok((organization == self.event.organization).then(|| self.event.rules.clone()))
    }

    async fn staff_works_at(&mut self, _: UserId, organization: OrganizationId) -> StoreResult<bool> {
        Ok(organization == self.event.organization)
    }

    async fn event_open(&mut self, event: EventId) -> StoreResult<Option<Event>> {
        Ok((event == self.event.id).then(|| self.event.clone()))
    }

    async fn event_insert(&mut self, event: &Event, _: DateTime<Utc>) -> StoreResult<()> {
        self.event = event.clone();
        Ok(())
    }

    async fn event_update(&mut self, event: &Event, _: Option<&str>, _: DateTime<Utc>) -> StoreResult<()> {
        let spots = Spots::try_new(event.spots.total(), self.event.spots.booked()).expect("booked ones fit");
        self.event = Event { spots, ..event.clone() };
        Ok(())
    }
}

impl Journal for Memory {
    fn event_publish(&mut self, event: Published) {
        self.events.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}
