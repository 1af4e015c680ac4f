//! `/rooms`: the rooms of locations.

use actix_web::{delete, get, post, put, web::Data};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use tryzore_events::{
    self as events, Room, RoomFields,
    permission::{CreateEvent, ViewEvents},
};
use tryzore_events_postgres::{Events, rooms};
use tryzore_kernel::{OrganizationId, Page, Problem, RoomId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_web::{
    Allow, ApiError, Body, Change, Listed, Listing, Once, Paging, Path, Reply, Resource, shapes::LocalTime,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_rooms)
        .service(create_room)
        .service(get_room)
        .service(edit_room)
        .service(archive_room);
}

/// A room of a location.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoomView {
    /// The id of the room.
    id: RoomId,
    /// The location that has the room.
    organization_id: OrganizationId,
    /// The name of the room.
    name: String,
    /// The number of people for whom the room has space.
    capacity: u32,
    /// What the room is equipped with.
    equipment: Vec<String>,
    /// The local time from which events may take place in the room; null when they may at any time.
    #[schema(value_type = Option<LocalTime>)]
    opens_at: Option<NaiveTime>,
    /// The local time by which events in the room must be over; null when they may at any time.
    #[schema(value_type = Option<LocalTime>)]
    closes_at: Option<NaiveTime>,
    /// Whether the room is archived: no event can be put into it.
    is_archived: bool,
    /// The version to send in `If-Match`.
    version: i32,
}

impl From<Room> for RoomView {
    fn from(Room { id, organization, fields, is_archived, version }: Room) -> Self {
        let RoomFields { name, capacity, equipment, opens_at, closes_at } = fields;
        let organization_id = organization;
        Self { id, organization_id, name, capacity, equipment, opens_at, closes_at, is_archived, version }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// Only the rooms of this location.
    organization_id: Option<OrganizationId>,
    /// Whether to list archived rooms as well.
    #[serde(default)]
    #[param(required = false)]
    with_archived: bool,
}

/// List rooms
///
/// The rooms of the locations that you see, ordered by name.
#[utoipa::path(
    tag = "rooms",
    params(Query, Paging),
    responses((status = 200, body = Page<RoomView>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/rooms")]
pub(crate) async fn list_rooms(
    Allow(permit): Allow<ViewEvents>,
    Listing(Query { organization_id, with_archived }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<RoomView>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| {
        rooms::room_list(&permit, &mut tx.events(), organization_id, with_archived, cursor, limit).await
    };
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(RoomView::from)))
}

/// Create a room
///
/// Its name is unique at the location, whatever the case.
#[utoipa::path(
    tag = "rooms",
    params(("organization_id" = OrganizationId, Path)),
    request_body = RoomFields,
    responses((status = 201, body = RoomView)),
    extensions(("x-permission" = json!("events.create")))
)]
#[post("/organizations/{organization_id}/rooms")]
pub(crate) async fn create_room(
    Allow(permit): Allow<CreateEvent>,
    Path(organization): Path<OrganizationId>,
    Body(fields): Body<RoomFields>,
    once: Once,
) -> Result<Reply<RoomView>, ApiError> {
    let create = async |tx: &mut TenantTx, now| {
        events::create_room(&permit, &mut tx.events(), organization, fields, now).await.map(RoomView::from)
    };
    once.created(&permit, create).await
}

/// Get a room
///
/// A room of a location that you see, archived or not.
#[utoipa::path(
    tag = "rooms",
    params(("room_id" = RoomId, Path)),
    responses((status = 200, body = RoomView)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/rooms/{room_id}")]
pub(crate) async fn get_room(
    Allow(permit): Allow<ViewEvents>,
    Path(room): Path<RoomId>,
    db: Data<Db>,
) -> Result<Resource<RoomView>, ApiError> {
    let find = async |tx: &mut TenantTx| rooms::room_find(&permit, &mut tx.events(), room).await;
    let found = db.tenant_tx(&permit, find).await?.ok_or_else(|| Problem::not_found("room"))?;
    Ok(Resource(found.into()))
}

/// Change a room
///
/// Events that are in the room stay in it.
#[utoipa::path(
    tag = "rooms",
    params(("room_id" = RoomId, Path), Change),
    request_body = RoomFields,
    responses((status = 200, body = RoomView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.room.archived"]))
    )
)]
#[put("/rooms/{room_id}")]
pub(crate) async fn edit_room(
    Allow(permit): Allow<CreateEvent>,
    Path(room): Path<RoomId>,
    change: Change,
    Body(fields): Body<RoomFields>,
) -> Result<Resource<RoomView>, ApiError> {
    let edit = async |tx: &mut TenantTx, version, now| {
        events::edit_room(&permit, &mut tx.events(), room, version, fields, now).await.map(RoomView::from)
    };
    change.done(&permit, edit).await
}

/// Archive a room
///
/// No event can be put into an archived room. Refused while an event in the room is ahead.
#[utoipa::path(
    tag = "rooms",
    params(("room_id" = RoomId, Path), Change),
    responses((status = 200, body = RoomView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.room.in_use"]))
    )
)]
#[delete("/rooms/{room_id}")]
pub(crate) async fn archive_room(
    Allow(permit): Allow<CreateEvent>,
    Path(room): Path<RoomId>,
    change: Change,
) -> Result<Resource<RoomView>, ApiError> {
    let archive = async |tx: &mut TenantTx, version, now| {
        events::archive_room(&permit, &mut tx.events(), room, version, now).await.map(RoomView::from)
    };
    change.done(&permit, archive).await
}
