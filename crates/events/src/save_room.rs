//! Staff who may put events on the schedule of a location create, change and archive its rooms.

use crate::{
    Room, RoomFields, Rooms, UseCaseError,
    domain_event::{RoomArchived, RoomChanged, RoomSaved},
    permission::CreateEvent,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, Published, RoomId,
};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// Creating a room, in the audit trail.
pub const CREATE: Command = Command::new("rooms.create").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// Changing a room, in recorded decisions and in the audit trail.
pub const EDIT: Command = Command::new("rooms.edit").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// Archiving a room, in recorded decisions and in the audit trail.
pub const ARCHIVE: Command = Command::new("rooms.archive").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Creates a room of `organization`.
///
/// # Errors
/// [`UseCaseError::Invalid`], also for a name that another room of the location has;
/// [`UseCaseError::NotFound`] or [`UseCaseError::Denied`] at a location that the permit does not reach.
pub async fn create_room<T: Rooms + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    organization: OrganizationId,
    fields: RoomFields,
    now: DateTime<Utc>,
) -> Result<Room, UseCaseError> {
    permit.require_at(organization, "organization")?;
    let id = RoomId::generate(now);
    let room = Room { id, organization, fields: fields.checked()?, is_archived: false, version: 1 };
    check_name(tx, &room).await?;
    tx.room_insert(&room, now).await?;
    tell(tx, CREATE, RoomSaved(changed(&room)).published(now), &room);
    Ok(room)
}

/// Changes the room `id`, whose version the caller read as `expected`, to `fields` in full. Events that are
/// in the room stay in it. An edit without a difference leaves the version as it is.
///
/// # Errors
/// As [`create_room`]; [`UseCaseError::Stale`]; `events.room.archived`.
pub async fn edit_room<T: Rooms + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    id: RoomId,
    expected: i32,
    fields: RoomFields,
    now: DateTime<Utc>,
) -> Result<Room, UseCaseError> {
    let fields = fields.checked()?;
    let before = open(permit, tx, id, expected).await?;
    if before.is_archived {
        let denial = Denial::state("events.room.archived")
            .because("room.name", &before.fields.name)
            .because("room.status", "archived")
            .remedy("Make a new room.", Some("create_room"));
        tx.record_if_denied(DecisionContext::new(EDIT, id, before.organization), Err(denial))?;
    }
    if before.fields == fields {
        return Ok(before);
    }
    let after = Room { fields, version: before.version + 1, ..before };
    check_name(tx, &after).await?;
    tx.room_update(&after, now).await?;
    tell(tx, EDIT, RoomSaved(changed(&after)).published(now), &after);
    Ok(after)
}

/// Archives the room `id`, so that no event can be put into it. Archiving it again changes nothing.
///
/// # Errors
/// As [`create_room`]; [`UseCaseError::Stale`]; `events.room.in_use` while an event in it is ahead.
pub async fn archive_room<T: Rooms + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    id: RoomId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Room, UseCaseError> {
    let before = open(permit, tx, id, expected).await?;
    if before.is_archived {
        return Ok(before);
    }
    if let Some(ahead) = tx.room_next_event(id, now).await? {
        let denial = Denial::state("events.room.in_use")
            .because("room.name", &before.fields.name)
            .because("event.starts_at", ahead.starts_at)
            .remedy("Move the events in this room to another one first.", Some("list_events"));
        tx.record_if_denied(DecisionContext::new(ARCHIVE, id, before.organization), Err(denial))?;
    }
    let after = Room { is_archived: true, version: before.version + 1, ..before };
    tx.room_update(&after, now).await?;
    tell(tx, ARCHIVE, RoomArchived(changed(&after)).published(now), &after);
    Ok(after)
}

async fn open<T: Rooms>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    id: RoomId,
    expected: i32,
) -> Result<Room, UseCaseError> {
    let room = tx.room_open(id).await?.ok_or(UseCaseError::NotFound("room"))?;
    permit.require_at(room.organization, "room")?;
    if room.version == expected { Ok(room) } else { Err(UseCaseError::Stale) }
}

async fn check_name<T: Rooms>(tx: &mut T, room: &Room) -> Result<(), UseCaseError> {
    match tx.room_name_is_free(room).await? {
        true => Ok(()),
        false => Err(UseCaseError::invalid("/name", "another room of this location has this name")),
    }
}

const fn changed(room: &Room) -> RoomChanged {
    RoomChanged { room: room.id, organization: room.organization }
}

fn tell(journal: &mut impl Journal, command: Command, event: Published, room: &Room) {
    journal.event_publish(event);
    journal.audit_append(AuditEntry {
        action: command.name,
        target: room.id.uuid(),
        subject: None,
        organizations: vec![room.organization],
        details: serde_json::json!({ "name": room.fields.name, "version": room.version }),
    });
}
