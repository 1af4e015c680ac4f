//! Staff put an event on the schedule (EVT-01), with or without a template.

use crate::{
    BookingRules, Event, EventKind, NewOffer, Offer, Rooms, Schedules, Start, Template, Templates,
    UseCaseError,
    domain_event::{EventChanged, Scheduled},
    event::SeriesDate,
    permission::CreateEvent,
    room::check_room,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, FieldErrors, Journal, OrganizationId, RoomId, TemplateId, UserId,
};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.create").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// An event that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The location where the event takes place.
    pub organization: OrganizationId,
    /// What is offered.
    pub offer: NewOffer,
    /// When the event starts.
    pub start: Start,
    /// The room in which the event takes place.
    pub room: Option<RoomId>,
}

/// Puts an event on the schedule of a location.
///
/// # Errors
/// [`UseCaseError::Invalid`] with each invalid field; [`UseCaseError::NotFound`] or
/// [`UseCaseError::Denied`] at a location that the permit does not reach;
/// `events.create.template_archived`; the denials of [`Room::host`](crate::Room::host).
pub async fn create_event<T: Schedules + Templates + Rooms + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: NewEvent,
    now: DateTime<Utc>,
) -> Result<Event, UseCaseError> {
    permit.require_at(new.organization, "organization")?;
    let rules =
        tx.booking_rules_find(new.organization).await?.ok_or(UseCaseError::NotFound("organization"))?;
    let starts_at = start_ahead(new.start, &rules, now)?;
    let template = new.offer.template;
    let (kind, offer) = complete(tx, COMMAND, new.organization, new.offer).await?;
    let event = scheduled(new.organization, kind, template, None, &offer, starts_at, rules, now);
    let event = Event { room: new.room, ..event };
    check_room(tx, permit.grants(), COMMAND, &event).await?;
    tx.event_insert(&event, now).await?;
    tx.event_publish(Scheduled(EventChanged::of(&event)).published(now));
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: event.id.uuid(),
        subject: None,
        organizations: vec![event.organization],
        details: serde_json::json!({ "name": event.name, "starts_at": event.starts_at }),
    });
    Ok(event)
}

/// The offer completed from its template; checks that the leader works at the location.
pub(crate) async fn complete<T: Schedules + Templates + Journal>(
    tx: &mut T,
    command: Command,
    organization: OrganizationId,
    new: NewOffer,
) -> Result<(EventKind, Offer), UseCaseError> {
    let template = open_template(tx, command, organization, new.template).await?;
    let (kind, offer) = new.complete(template.as_ref())?;
    check_staff(tx, offer.staff, organization).await?;
    Ok((kind, offer))
}

/// The template `id`, if one is given and events at `organization` can be made from it.
pub(crate) async fn open_template<T: Templates + Journal>(
    tx: &mut T,
    command: Command,
    organization: OrganizationId,
    id: Option<TemplateId>,
) -> Result<Option<Template>, UseCaseError> {
    let Some(id) = id else { return Ok(None) };
    let template = tx.template_open(id).await?.ok_or(UseCaseError::NotFound("template"))?;
    tx.record_if_denied(DecisionContext::new(command, id, organization), template.serve(organization))?;
    Ok(Some(template))
}

pub(crate) async fn check_staff<T: Schedules>(
    tx: &mut T,
    staff: Option<UserId>,
    organization: OrganizationId,
) -> Result<(), UseCaseError> {
    match staff {
        Some(user) if !tx.staff_works_at(user, organization).await? => {
            Err(UseCaseError::invalid("/staff_user_id", "not on the staff of this location"))
        }
        _ => Ok(()),
    }
}

/// The start, if it is after `now`.
pub(crate) fn start_ahead(
    start: Start,
    rules: &BookingRules,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, UseCaseError> {
    let at = start.resolve(rules).map_err(FieldErrors::from)?;
    if at > now { Ok(at) } else { Err(UseCaseError::invalid("/start", "expected a time in the future")) }
}

/// A new event in the state `scheduled`.
#[allow(clippy::too_many_arguments, reason = "all parts of a new event")]
pub(crate) fn scheduled(
    organization: OrganizationId,
    kind: EventKind,
    template: Option<TemplateId>,
    series: Option<SeriesDate>,
    offer: &Offer,
    starts_at: DateTime<Utc>,
    rules: BookingRules,
    now: DateTime<Utc>,
) -> Event {
    let time = starts_at..starts_at + offer.duration();
    Event {
        template,
        series,
        staff: offer.staff,
        location: offer.location.clone(),
        takes_visitors: offer.takes_visitors,
        ..Event::new(organization, kind, &*offer.name, time, offer.spots_total, rules, now)
    }
}
