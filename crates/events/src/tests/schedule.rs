//! The schedule: creating, editing, calling off, completing, reminding.

use super::{memory::Memory, *};
use crate as events;
use crate::permission::{BookEvent, CancelEvent, EditEvent, ManageAttendance};
use events::{EventEdit, Offer, Start, UseCaseError};
use futures::executor::block_on;

fn offer(spots_total: u32) -> Offer {
    Offer {
        name: "Yoga".into(),
        staff: None,
        duration_minutes: 60,
        spots_total,
        location: String::new(),
        takes_visitors: true,
    }
}

fn full(ahead: Duration) -> (Memory, UserId, UserId) {
    let mut memory = Memory::of(class(noon() + ahead, 1, 0));
    let here = memory.event.organization;
    let ((_, first), (_, second)) = (memory.person(here), memory.person(here));
    let event = memory.event.id;
    let permit = |user| client(user, here).permit::<BookEvent>().unwrap();
    block_on(events::book(&permit(first), &mut memory, event, noon())).unwrap();
    block_on(events::wait(&permit(second), &mut memory, event, noon())).unwrap();
    memory.events.clear();
    (memory, first, second)
}

#[test]
fn evt_01_an_event_starts_in_the_future() {
    let rules = rules();
    let at = |at| events::create_event::start_ahead(Start::At(at), &rules, noon());
    assert!(matches!(at(noon()), Err(UseCaseError::Invalid(errors)) if errors.pointers() == ["/start"]));
    assert_eq!(at(noon() + TICK), Ok(noon() + TICK));
    let local = |text: &str, zone| Start::Local { at: text.parse().unwrap(), zone }.resolve(&rules);
    assert_eq!(local("2026-03-02T18:30:00", None), Ok("2026-03-02T17:30:00Z".parse().unwrap()), "Rome");
    let tokyo = local("2026-03-02T18:30:00", Some(chrono_tz::Asia::Tokyo));
    assert_eq!(tokyo, Ok("2026-03-02T09:30:00Z".parse().unwrap()));
    assert_eq!(
        local("2026-03-29T02:30:00", None).unwrap_err().pointer,
        "/start",
        "the clock jumps over that time"
    );
}

#[test]
fn evt_01_spots_are_lowered_to_what_is_booked_and_not_below() {
    let class = class(noon() + Duration::hours(5), 10, 4);
    assert_eq!(class.edit(&offer(4), None, class.starts_at, noon()).unwrap().spots.free(), 0);
    let denial = class.edit(&offer(3), None, class.starts_at, noon()).unwrap_err();
    assert_eq!(denial.code, "events.edit.spots_below_booked");
    assert_eq!(denial.because[0].value, 4);
    assert_eq!(class.edit(&offer(10), None, class.starts_at, noon()).unwrap().version, 1, "nothing changed");
}

#[test]
fn a_started_event_cannot_be_moved() {
    let class = class(noon(), 10, 4);
    assert_eq!(
        code(class.edit(&offer(10), None, noon() + Duration::hours(1), noon())),
        "events.edit.started"
    );
    assert!(class.edit(&offer(11), None, noon(), noon()).is_ok());
    for state in [EventState::Completed, EventState::Canceled] {
        let over = Event { state, ..class.clone() };
        assert_eq!(code(over.edit(&offer(11), None, noon(), noon())), "events.edit.over");
    }
}

#[test]
fn evt_10_added_spots_go_to_the_waitlist_and_a_move_is_published() {
    let (mut memory, _, second) = full(Duration::hours(5));
    let (event, here) = (memory.event.id, memory.event.organization);
    let permit = staff(UserId::generate(noon()), here, &["events.edit_all"]).permit::<EditEvent>().unwrap();
    let later = Start::At(noon() + Duration::hours(6));
    let stale = EventEdit { offer: offer(2), start: later, room: None };
    let answer = block_on(events::edit_event(&permit, &mut memory, event, 7, stale.clone(), noon()));
    assert_eq!(answer, Err(UseCaseError::Stale));
    let after = block_on(events::edit_event(&permit, &mut memory, event, 1, stale, noon())).unwrap();
    assert_eq!(after.version, 2);
    assert_eq!(memory.kinds(), ["events.rescheduled", "events.promoted"]);
    assert!(memory.held().iter().any(|booking| booking.user == second && booking.from_waitlist));
}

#[test]
fn staff_who_edit_only_their_own_events_cannot_change_the_leader() {
    let mut memory = Memory::of(class(noon() + Duration::hours(5), 10, 0));
    let (event, here, leader) = (memory.event.id, memory.event.organization, UserId::generate(noon()));
    let permit = staff(leader, here, &["events.edit_own"]).permit::<EditEvent>().unwrap();
    let start = Start::At(memory.event.starts_at);
    let edit = |staff| EventEdit { offer: Offer { staff, ..offer(12) }, start, room: None };
    let mut take = |staff| block_on(events::edit_event(&permit, &mut memory, event, 1, edit(staff), noon()));
    assert!(
        matches!(take(Some(leader)), Err(UseCaseError::Denied(denial)) if denial.code == "rbac.permission.missing")
    );
    memory.event.staff = Some(leader);
    let mut take = |staff| block_on(events::edit_event(&permit, &mut memory, event, 1, edit(staff), noon()));
    assert!(matches!(take(Some(UserId::generate(noon()))), Err(UseCaseError::Denied(_))));
    assert_eq!(take(Some(leader)).unwrap().spots.total(), 12);
}

#[test]
fn calling_off_notifies_everyone_charges_nobody_and_happens_once() {
    let (mut memory, first, second) = full(Duration::hours(1));
    let (event, here) = (memory.event.id, memory.event.organization);
    let own = client(first, here).permit::<BookEvent>().unwrap();
    let booking = memory.bookings[0].id;
    let late = block_on(events::cancel_booking(&own, &mut memory, booking, noon())).unwrap();
    assert_eq!(late.state, BookingState::CanceledLate);
    memory.events.clear();
    let permit = staff(UserId::generate(noon()), here, &["events.cancel"]).permit::<CancelEvent>().unwrap();
    let none = block_on(events::cancel_event(&permit, &mut memory, event, " ", noon()));
    assert!(matches!(none, Err(UseCaseError::Invalid(_))), "a reason is needed");
    let sent = block_on(events::cancel_event(&permit, &mut memory, event, "ill", noon())).unwrap();
    assert_eq!((sent.booked, sent.waiting), (1, 0));
    assert_eq!(memory.kinds(), ["events.fee_waived", "events.called_off", "events.event_canceled"]);
    assert_eq!(memory.events[0].payload["fee"]["minor"], 1_500);
    assert_eq!(memory.events[1].payload["user"], second.to_string());
    let again = block_on(events::cancel_event(&permit, &mut memory, event, "ill", noon())).unwrap();
    assert_eq!((again.booked, memory.events.len()), (0, 3));
}

#[test]
fn evt_12_completion_charges_the_missing_at_the_location_of_the_event() {
    let (mut memory, _, _) = full(Duration::hours(1));
    let (event, here, ends_at) = (memory.event.id, memory.event.organization, memory.event.ends_at);
    memory.bookings[0].booked_from = OrganizationId::generate(noon());
    let permit = staff(UserId::generate(noon()), here, &["events.manage_attendance"]);
    let permit = permit.permit::<ManageAttendance>().unwrap();
    assert_eq!(block_on(events::complete_due(&permit, &mut memory, event, ends_at - TICK)), Ok(false));
    assert_eq!(block_on(events::complete_due(&permit, &mut memory, event, ends_at)), Ok(true));
    assert_eq!(memory.kinds(), ["events.no_show", "events.wait_expired", "events.completed"]);
    let missing = &memory.events[0].payload;
    assert_eq!((&missing["fee"]["minor"], &missing["is_visit"]), (&2_500.into(), &true.into()));
    assert_eq!(missing["attended_at"], here.to_string());
    assert_eq!(memory.events[2].payload["no_shows"], 1);
    assert_eq!(block_on(events::complete_due(&permit, &mut memory, event, ends_at)), Ok(false), "once");
}

#[test]
fn evt_09_reminders_go_out_once_from_two_hours_before() {
    let (mut memory, first, _) = full(Duration::hours(5));
    let (event, here, due) = (memory.event.id, memory.event.organization, memory.event.reminder_due_at());
    let permit = staff(UserId::generate(noon()), here, &["events.manage_attendance"]);
    let permit = permit.permit::<ManageAttendance>().unwrap();
    assert_eq!(block_on(events::remind(&permit, &mut memory, event, due - TICK)), Ok(0));
    assert_eq!(block_on(events::remind(&permit, &mut memory, event, due)), Ok(1));
    assert_eq!(memory.events[0].subject, Some(first));
    assert_eq!(block_on(events::remind(&permit, &mut memory, event, due)), Ok(0), "once");
    let moved = memory.event.edit(&offer(1), None, memory.event.starts_at + Duration::hours(3), due).unwrap();
    assert_eq!(moved.reminded_at, None, "the old reminder is wrong");
}

#[test]
fn staff_cannot_change_events_of_another_location() {
    let (mut memory, _, second) = full(Duration::hours(1));
    let event = memory.event.id;
    let elsewhere = staff(UserId::generate(noon()), OrganizationId::generate(noon()), &["events.*"]);
    let attendance = elsewhere.permit::<ManageAttendance>().unwrap();
    let (booking, ends_at) = (memory.bookings[0].id, memory.event.ends_at);
    let answer =
        block_on(events::check_in(&attendance, &mut memory, booking, noon() + Duration::minutes(45)));
    assert_eq!(answer, Err(UseCaseError::NotFound("booking")));
    let answer = block_on(events::complete_event(&attendance, &mut memory, event, ends_at));
    assert_eq!(answer, Err(UseCaseError::NotFound("event")));
    let other = client(second, memory.event.organization).permit::<BookEvent>().unwrap();
    let answer = block_on(events::cancel_booking(&other, &mut memory, booking, noon()));
    assert_eq!(answer, Err(UseCaseError::NotFound("booking")), "not the own booking");
    assert!(memory.events.is_empty());
}

#[test]
fn evt_10_being_passed_over_is_recorded_once_for_each_reason() {
    let (mut memory, first, second) = full(Duration::hours(5));
    let (event, here) = (memory.event.id, memory.event.organization);
    memory.people.values_mut().find(|person| person.user == second).unwrap().is_active = false;
    let own = client(first, here).permit::<BookEvent>().unwrap();
    let booking = memory.bookings[0].id;
    block_on(events::cancel_booking(&own, &mut memory, booking, noon())).unwrap();
    let passed =
        |memory: &Memory| memory.decisions.iter().filter(|d| d.code == "events.book.client_archived").count();
    assert_eq!((passed(&memory), memory.waitlist.len()), (1, 1), "the client keeps their rank");
    let permit = staff(UserId::generate(noon()), here, &["events.manage_attendance"]);
    let permit = permit.permit::<ManageAttendance>().unwrap();
    let report = block_on(events::process_waitlist(&permit, &mut memory, event, noon())).unwrap();
    assert_eq!(
        (report.passed_over, passed(&memory)),
        (1, 1),
        "a minute later the same reason is not recorded again"
    );
    memory.people.values_mut().for_each(|person| person.is_active = true);
    let report = block_on(events::process_waitlist(&permit, &mut memory, event, noon())).unwrap();
    assert_eq!(report.promoted, 1);
    let start = memory.event.starts_at;
    let report = block_on(events::process_waitlist(&permit, &mut memory, event, start)).unwrap();
    assert_eq!(report, events::WaitlistReport::default());
}
