//! The rooms of a location (EVT-19), in which events take place.
//!
//! **Invariant:** two events that are not canceled never overlap in one room. Whoever puts an event into a
//! room, or moves an event that is in one, locks the room first.

use crate::{Event, Rooms, UseCaseError, permission::ViewEvents};
use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tryzore_kernel::{
    Command, DecisionContext, Denial, EventId, FieldErrors, FormCheck, Journal, OrganizationId, RoomId,
    UserId, form,
};
use tryzore_rbac::Grants;

/// The fields of a room that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoomFields {
    /// The name of the room, unique among the rooms of the location that are in use.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, example = "Studio 1"))]
    pub name: String,
    /// The number of people for whom the room has space.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000, example = 20))]
    pub capacity: u32,
    /// What the room is equipped with, in lower case.
    #[cfg_attr(feature = "openapi", schema(max_items = 50, example = json!(["mats", "mirrors"])))]
    pub equipment: Vec<String>,
    /// The local time from which events may take place in the room; null when they may at any time.
    #[serde(deserialize_with = "tryzore_kernel::iso::read")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$", example = "06:00:00"))]
    pub opens_at: Option<NaiveTime>,
    /// The local time by which events in the room must be over; null when they may at any time.
    #[serde(deserialize_with = "tryzore_kernel::iso::read")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$", example = "22:00:00"))]
    pub closes_at: Option<NaiveTime>,
}

impl RoomFields {
    /// The same fields with their texts trimmed, if every field is valid.
    ///
    /// # Errors
    /// Each invalid field.
    pub fn checked(self) -> Result<Self, FieldErrors> {
        let mut check = FormCheck::default();
        let name = check.take("/name", form::line(&self.name, 1, 100));
        check.take("/capacity", form::within(self.capacity, 1, 10_000));
        let mut equipment = Vec::new();
        if self.equipment.len() > 50 {
            check.add("/equipment", "expected at most 50 tags");
        }
        // No more than one error for each tag that may be there.
        for (index, tag) in self.equipment.iter().take(50).enumerate() {
            equipment.extend(
                check.take(format_args!("/equipment/{index}"), form::line(&tag.to_lowercase(), 1, 50)),
            );
        }
        equipment.sort_unstable();
        equipment.dedup();
        match (self.opens_at, self.closes_at) {
            (None, None) => {}
            (Some(opens), Some(closes)) if opens < closes => {}
            (Some(_), Some(_)) => check.add("/closes_at", "expected a time after `opens_at`"),
            _ => check.add("/closes_at", "expected both `opens_at` and `closes_at`, or neither"),
        }
        check.finish(name.map(|name| Self { name, equipment, ..self }))
    }
}

/// A room of a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The id of the room.
    pub id: RoomId,
    /// The location that has the room.
    pub organization: OrganizationId,
    /// The fields that can be changed.
    pub fields: RoomFields,
    /// Whether the room is archived, so that no event can be put into it.
    pub is_archived: bool,
    /// The version, which rises with each change.
    pub version: i32,
}

/// An event that is in a room already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomUse {
    /// The event.
    pub event: EventId,
    /// The name of the event.
    pub name: String,
    /// The staff member who leads the event.
    pub staff: Option<UserId>,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    pub ends_at: DateTime<Utc>,
}

impl RoomUse {
    /// Whether the caller may see the event, which takes place at `organization`.
    fn is_visible(&self, grants: &Arc<Grants>, organization: OrganizationId) -> bool {
        grants.permit::<ViewEvents>().is_ok_and(|view| view.at_for(organization, self.staff).is_ok())
    }
}

impl Room {
    /// Checks that `event` can take place in this room, where `clash` overlaps with it. The refusal names the
    /// other event only if `names_clash`.
    ///
    /// # Errors
    /// `events.room.archived`, `events.room.too_small`, `events.room.closed`, `events.room.taken`.
    pub fn host(&self, event: &Event, clash: Option<&RoomUse>, names_clash: bool) -> Result<(), Denial> {
        let RoomFields { name, capacity, .. } = &self.fields;
        let refused = |code: &'static str| Denial::state(code).because("room.name", name);
        if self.is_archived {
            return Err(refused("events.room.archived")
                .because("room.status", "archived")
                .remedy("Choose a room that is in use.", Some("list_rooms")));
        }
        if event.spots.total() > *capacity {
            return Err(refused("events.room.too_small")
                .because("room.capacity", capacity)
                .because("event.spots_total", event.spots.total())
                .remedy(
                    format!("Offer at most {capacity} spots, or choose a larger room."),
                    Some("list_rooms"),
                ));
        }
        if let (Some(opens), Some(closes)) = (self.fields.opens_at, self.fields.closes_at) {
            let [start, end] = [event.starts_at, event.ends_at].map(|at| at.with_timezone(&event.rules.zone));
            let is_open =
                start.date_naive() == end.date_naive() && start.time() >= opens && end.time() <= closes;
            if !is_open {
                return Err(refused("events.room.closed")
                    .because("room.opens_at", opens)
                    .because("room.closes_at", closes)
                    .because("event.starts_at", event.local(event.starts_at))
                    .because("event.ends_at", event.local(event.ends_at))
                    .remedy(
                        "Choose a time at which the room is open, or another room.",
                        Some("list_rooms"),
                    ));
            }
        }
        let Some(clash) = clash else { return Ok(()) };
        let taken = refused("events.room.taken")
            .because("clash.starts_at", event.local(clash.starts_at))
            .because("clash.ends_at", event.local(clash.ends_at));
        Err(match names_clash {
            true => taken.because("clash.event", clash.event).because("clash.name", &clash.name).remedy(
                format!("“{}” is in this room then: choose another time or room.", clash.name),
                Some("list_rooms"),
            ),
            false => taken.remedy("The room is taken then: choose another time or room.", Some("list_rooms")),
        })
    }
}

/// Checks for `command` of a caller with `grants` that `event` can take place in its room, if it has one; locks
/// the room.
///
/// # Errors
/// `/room_id` for a room of another location; the denials of [`Room::host`].
pub(crate) async fn check_room<T: Rooms + Journal>(
    tx: &mut T,
    grants: &Arc<Grants>,
    command: Command,
    event: &Event,
) -> Result<(), UseCaseError> {
    let Some(id) = event.room else { return Ok(()) };
    let room = tx.room_open(id).await?.filter(|room| room.organization == event.organization);
    let room = room.ok_or_else(|| UseCaseError::invalid("/room_id", "not a room of this location"))?;
    let clash = tx.room_clash(id, event.id, event.starts_at, event.ends_at).await?;
    let context = DecisionContext::new(command, event.id, event.organization);
    let names_clash = clash.as_ref().is_some_and(|clash| clash.is_visible(grants, event.organization));
    Ok(tx.record_if_denied(context, room.host(event, clash.as_ref(), names_clash))?)
}
