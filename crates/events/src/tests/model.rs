//! Whatever happens to an event, in whichever order: the event is never over capacity, no client has
//! two spots, and no spot is free while a client on the waitlist may have it.

use super::{memory::Memory, *};
use crate as events;
use crate::permission::{BookEvent, CancelEvent, EditEvent, ManageAttendance};
use events::{EventEdit, Offer, Start, UseCaseError, Waitlist, Waitlists, waitlist::Promotion};
use futures::executor::block_on;
use proptest::prelude::*;
use tryzore_rbac::Permit;

const PEOPLE: usize = 6;

#[derive(Debug, Clone)]
enum Step {
    Book(usize),
    Cancel(usize),
    Wait(usize),
    Leave(usize),
    WalkIn(usize),
    NoShow(usize),
    Undo(usize),
    // A change by another crate: the client is archived or active again.
    Archive(usize),
    Restore(usize),
    Resize(u32),
    Pass(i64),
    Work,
    Complete,
    CallOff,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..PEOPLE;
    let step = prop_oneof![
        6 => who.clone().prop_map(Step::Book),
        5 => who.clone().prop_map(Step::Cancel),
        5 => who.clone().prop_map(Step::Wait),
        2 => who.clone().prop_map(Step::Leave),
        2 => who.clone().prop_map(Step::WalkIn),
        1 => who.clone().prop_map(Step::NoShow),
        1 => who.clone().prop_map(Step::Undo),
        3 => who.clone().prop_map(Step::Archive),
        2 => who.prop_map(Step::Restore),
        2 => (1..4_u32).prop_map(Step::Resize),
        2 => (1..40_i64).prop_map(Step::Pass),
        2 => Just(Step::Work),
        1 => Just(Step::Complete),
        1 => Just(Step::CallOff),
    ];
    proptest::collection::vec(step, 1..80)
}

struct Play {
    memory: Memory,
    /// The staff member who runs the staff steps.
    context: Arc<Grants>,
    people: Vec<(ClientId, UserId)>,
    /// The permit of each client.
    own: Vec<Permit<BookEvent>>,
    now: DateTime<Utc>,
}

impl Play {
    fn start() -> Self {
        let mut memory = Memory::of(class(noon() + Duration::minutes(400), 1, 0));
        let (here, elsewhere) = (memory.event.organization, OrganizationId::generate(noon()));
        // Two clients come from another location; one of these has not switched to this one.
        let people: Vec<_> =
            (0..PEOPLE).map(|n| memory.person(if n < 4 { here } else { elsewhere })).collect();
        let own = (0..PEOPLE).map(|n| {
            let at = if n == PEOPLE - 1 { elsewhere } else { here };
            client(people[n].1, at).permit().unwrap()
        });
        let context = staff(UserId::generate(noon()), here, &["events.*"]);
        Self { memory, context, own: own.collect(), people, now: noon() }
    }

    fn booking(&self, who: usize) -> Option<BookingId> {
        self.memory.bookings.iter().rev().find(|b| b.client == self.people[who].0).map(|b| b.id)
    }

    async fn take(&mut self, step: &Step) -> Result<(), UseCaseError> {
        let (event, now) = (self.memory.event.id, self.now);
        let attendance = self.context.permit::<ManageAttendance>().unwrap();
        let own = |who: usize| &self.own[who];
        match *step {
            Step::Book(who) => events::book(own(who), &mut self.memory, event, now).await.map(drop),
            Step::Wait(who) => events::wait(own(who), &mut self.memory, event, now).await.map(drop),
            Step::Leave(who) => events::leave(own(who), &mut self.memory, event, now).await.map(drop),
            Step::Cancel(who) => match self.booking(who) {
                Some(id) => events::cancel_booking(own(who), &mut self.memory, id, now).await.map(drop),
                None => Ok(()),
            },
            Step::WalkIn(who) => {
                let client = self.people[who].0;
                events::walk_in(&attendance, &mut self.memory, event, client, now).await.map(drop)
            }
            Step::NoShow(who) => match self.booking(who) {
                Some(id) => {
                    events::mark_no_show(&attendance, &mut self.memory, id, None, now).await.map(drop)
                }
                None => Ok(()),
            },
            Step::Undo(who) => match self.booking(who) {
                Some(id) => events::undo_attendance(&attendance, &mut self.memory, id, now).await.map(drop),
                None => Ok(()),
            },
            Step::Archive(who) | Step::Restore(who) => {
                let person = self.memory.people.get_mut(&self.people[who].0).unwrap();
                person.is_active = matches!(step, Step::Restore(_));
                events::process_waitlist(&attendance, &mut self.memory, event, now).await.map(drop)
            }
            Step::Resize(spots_total) => {
                let offer = Offer {
                    name: "Yoga".into(),
                    staff: None,
                    duration_minutes: 60,
                    spots_total,
                    location: String::new(),
                    takes_visitors: true,
                };
                let edit = EventEdit { offer, start: Start::At(self.memory.event.starts_at), room: None };
                let version = self.memory.event.version;
                let permit = self.context.permit::<EditEvent>().unwrap();
                events::edit_event(&permit, &mut self.memory, event, version, edit, now).await.map(drop)
            }
            Step::Pass(minutes) => {
                self.now += Duration::minutes(minutes);
                Ok(())
            }
            Step::Work => events::process_waitlist(&attendance, &mut self.memory, event, now).await.map(drop),
            Step::Complete => {
                events::complete_event(&attendance, &mut self.memory, event, now).await.map(drop)
            }
            Step::CallOff => {
                let permit = self.context.permit::<CancelEvent>().unwrap();
                events::cancel_event(&permit, &mut self.memory, event, "ill", now).await.map(drop)
            }
        }
    }

    fn check(&mut self) {
        let held = self.memory.held();
        assert!(held.len() <= self.memory.event.spots.total() as usize, "over capacity");
        assert_eq!(
            held.len(),
            self.memory.event.spots.booked() as usize,
            "the count equals the number of rows"
        );
        for booking in &held {
            let spots = held.iter().filter(|other| other.client == booking.client).count();
            assert_eq!(spots, 1, "two spots for one client");
            let waits = self.memory.waitlist.iter().any(|(entry, _)| entry.client == booking.client);
            assert!(!waits, "a client with a spot is not on the waitlist");
        }
        let event = self.memory.event.id;
        let waitlist: Waitlist = block_on(self.memory.waitlist_open(event)).unwrap().unwrap();
        let eligible = waitlist
            .promote(self.now)
            .into_iter()
            .any(|(_, promotion)| matches!(promotion, Promotion::Promoted { .. }));
        assert!(!eligible, "a free spot although a waiting client may have it");
        if self.memory.event.state == EventState::Canceled {
            assert!(self.memory.bookings.iter().all(|booking| booking.fee.is_zero()), "nobody is charged");
            assert!(self.memory.held().is_empty() && self.memory.waitlist.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn evt_10_no_order_of_steps_breaks_the_booking_rules(steps in steps()) {
        let mut play = Play::start();
        for step in &steps {
            let before = (play.memory.bookings.clone(), play.memory.waitlist.clone(), play.memory.events.len());
            match block_on(play.take(step)) {
                Ok(()) => {}
                Err(UseCaseError::Denied(denial)) => {
                    let after = (play.memory.bookings.clone(), play.memory.waitlist.clone(), play.memory.events.len());
                    prop_assert_eq!(before, after, "{} changes nothing", denial.code);
                    let said = play.memory.decisions.last().map(|decision| decision.code.clone());
                    prop_assert_eq!(said, Some(denial.code), "a refusal is recorded");
                }
                Err(UseCaseError::NotFound(_)) => {}
                Err(other) => panic!("{step:?}: {other}"),
            }
            play.check();
        }
    }
}
