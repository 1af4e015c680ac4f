//! One event with everyone in it, in memory: what a store must do, as plainly as can be said.

use super::*;
use crate::{Desks, Line, Lines, Rank, Roster, Rosters, Schedules, Spot, Waiter, WaitlistEntry};
use std::collections::BTreeMap;
use tryzore_kernel::{AuditEntry, Decision, Journal, Published, StoreResult, WaitlistEntryId};

/// A client as the store knows her.
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
    pub(super) line: Vec<(WaitlistEntry, Option<String>)>,
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
            line: Vec::new(),
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

    fn standing(&self, client: ClientId, current: Option<OrganizationId>) -> Standing {
        let person = &self.people[&client];
        let of_client = |booking: &&Booking| booking.client == client;
        Standing {
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

impl Desks for Memory {
    async fn desk_open(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<Desk>> {
        let client = self.people.iter().find(|(_, person)| person.user == user).map(|(client, _)| *client);
        let Some(client) = client.filter(|_| event == self.event.id) else { return Ok(None) };
        let waiting = u32::try_from(self.line.len()).unwrap();
        let position = self.line.iter().position(|(entry, _)| entry.client == client);
        let rank = position.map(|at| Rank { position: u32::try_from(at).unwrap() + 1, of: waiting });
        Ok(Some(Desk { event: self.event.clone(), standing: self.standing(client, current), waiting, rank }))
    }

    async fn desk_open_for(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<Desk>> {
        let Some(person) = self.people.get(&client) else { return Ok(None) };
        let (user, at) = (person.user, self.event.organization);
        self.desk_open(event, user, Some(at)).await
    }

    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()> {
        assert!(self.held().iter().all(|held| held.client != booking.client), "one spot a client");
        self.bookings.push(booking.clone());
        self.recount();
        Ok(())
    }

    async fn waiter_seat(&mut self, booking: &Booking) -> StoreResult<()> {
        self.line.retain(|(entry, _)| entry.client != booking.client);
        Ok(())
    }

    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<Spot>> {
        let found = self.bookings.iter().find(|one| one.id == booking).cloned();
        Ok(found.map(|booking| Spot {
            event: self.event.clone(),
            has_attended: self.standing(booking.client, None).has_attended,
            waiting: u32::try_from(self.line.len()).unwrap(),
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

impl Lines for Memory {
    async fn line_open(&mut self, event: EventId) -> StoreResult<Option<Line>> {
        let waiters = self.line.iter().map(|(entry, passed_over)| Waiter {
            entry: entry.clone(),
            standing: self.standing(entry.client, entry.current),
            passed_over: passed_over.clone(),
        });
        let line = Line { event: self.event.clone(), waiters: waiters.collect() };
        Ok((event == self.event.id).then_some(line))
    }

    async fn waiter_insert(&mut self, entry: &WaitlistEntry) -> StoreResult<()> {
        assert!(self.line.iter().all(|(other, _)| other.client != entry.client), "one place a client");
        self.line.push((entry.clone(), None));
        Ok(())
    }

    async fn waiter_leave(
        &mut self,
        _: EventId,
        entry: WaitlistEntryId,
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.line.retain(|(other, _)| other.id != entry);
        Ok(())
    }

    async fn waiter_pass_over(&mut self, _: EventId, entry: WaitlistEntryId, code: &str) -> StoreResult<()> {
        self.line
            .iter_mut()
            .filter(|(other, _)| other.id == entry)
            .for_each(|(_, why)| *why = Some(code.into()));
        Ok(())
    }

    async fn waiters_expire(&mut self, _: EventId, _: DateTime<Utc>) -> StoreResult<()> {
        self.line.clear();
        Ok(())
    }
}

impl Rosters for Memory {
    async fn roster_open(&mut self, event: EventId) -> StoreResult<Option<Roster>> {
        let concerned = self.bookings.iter().filter(|b| b.state.holds_spot() || !b.fee.is_zero());
        let bookings = concerned.cloned().collect();
        let waiting = self.line.iter().map(|(entry, _)| entry.clone()).collect();
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

impl Schedules for Memory {
    async fn house_find(&mut self, organization: OrganizationId) -> StoreResult<Option<House>> {
        Ok((organization == self.event.organization).then(|| self.event.house.clone()))
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
