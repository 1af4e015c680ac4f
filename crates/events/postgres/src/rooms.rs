//! The port for rooms, and their list.

use crate::{
    EventStore,
    views::{after, anywhere, sees},
};
use chrono::{DateTime, NaiveTime, Utc};
use diesel::{dsl::exists, prelude::*, select};
use tryzore_events::{Room, RoomFields, RoomUse, Rooms, permission::ViewEvents};
use tryzore_kernel::{EventId, Limit, OrganizationId, Page, Problem, RoomId, StoreResult, TenantId, UserId};
use tryzore_postgres::column::{column, count};
use tryzore_rbac::Permit;
use tryzore_schema::events::{events, rooms};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rooms, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct RoomRow {
    id: RoomId,
    organization_id: OrganizationId,
    name: String,
    capacity: i32,
    equipment: Vec<String>,
    opens_at: Option<NaiveTime>,
    closes_at: Option<NaiveTime>,
    status: String,
    version: i32,
}

impl From<&Room> for RoomRow {
    fn from(room: &Room) -> Self {
        let RoomFields { name, capacity, equipment, opens_at, closes_at } = room.fields.clone();
        Self {
            id: room.id,
            organization_id: room.organization,
            name,
            capacity: column(capacity),
            equipment,
            opens_at,
            closes_at,
            status: if room.is_archived { "archived" } else { "active" }.to_owned(),
            version: room.version,
        }
    }
}

impl From<RoomRow> for Room {
    fn from(row: RoomRow) -> Self {
        let RoomRow { name, equipment, opens_at, closes_at, .. } = row;
        Self {
            id: row.id,
            organization: row.organization_id,
            fields: RoomFields { name, capacity: count(row.capacity.into()), equipment, opens_at, closes_at },
            is_archived: row.status == "archived",
            version: row.version,
        }
    }
}

diesel::define_sql_function! {
    /// The text in lower case.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

type RoomUseRow = (EventId, String, Option<UserId>, DateTime<Utc>, DateTime<Utc>);

fn room_use((event, name, staff, starts_at, ends_at): RoomUseRow) -> RoomUse {
    RoomUse { event, name, staff, starts_at, ends_at }
}

// The events in a room that are not canceled, the first first.
#[diesel::dsl::auto_type]
fn in_room(tenant: TenantId, room: RoomId) -> _ {
    events::table
        .filter(events::tenant_id.eq(tenant))
        .filter(events::room_id.eq(room))
        .filter(events::status.ne("canceled"))
        .order(events::starts_at)
        .limit(1_i64)
        .select((events::id, events::name, events::staff_user_id, events::starts_at, events::ends_at))
}

impl Rooms for EventStore<'_> {
    async fn room_open(&mut self, room: RoomId) -> StoreResult<Option<Room>> {
        let one = rooms::table.find((self.tenant, room)).select(RoomRow::as_select()).for_no_key_update();
        Ok(self.tx.row::<_, RoomRow>(one).await?.map(Room::from))
    }

    async fn room_name_is_free(&mut self, room: &Room) -> StoreResult<bool> {
        let same = rooms::table
            .filter(rooms::tenant_id.eq(self.tenant))
            .filter(rooms::organization_id.eq(room.organization))
            .filter(lower(rooms::name).eq(lower(room.fields.name.clone())))
            .filter(rooms::status.eq("active"))
            .filter(rooms::id.ne(room.id));
        Ok(!self.tx.row::<_, bool>(select(exists(same))).await?.unwrap_or_default())
    }

    async fn room_insert(&mut self, room: &Room, at: DateTime<Utc>) -> StoreResult<()> {
        let more = (rooms::tenant_id.eq(self.tenant), rooms::created_at.eq(at), rooms::updated_at.eq(at));
        self.tx.defer(diesel::insert_into(rooms::table).values((RoomRow::from(room), more)));
        Ok(())
    }

    async fn room_update(&mut self, room: &Room, at: DateTime<Utc>) -> StoreResult<()> {
        let one = rooms::table.find((self.tenant, room.id));
        self.tx.defer(diesel::update(one).set((RoomRow::from(room), rooms::updated_at.eq(at))));
        Ok(())
    }

    async fn room_clash(
        &mut self,
        room: RoomId,
        event: EventId,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
    ) -> StoreResult<Option<RoomUse>> {
        let overlapping = in_room(self.tenant, room)
            .filter(events::ends_at.gt(starts_at))
            .filter(events::starts_at.lt(ends_at))
            .filter(events::id.ne(event));
        Ok(self.tx.row::<_, RoomUseRow>(overlapping).await?.map(room_use))
    }

    async fn room_next_event(&mut self, room: RoomId, now: DateTime<Utc>) -> StoreResult<Option<RoomUse>> {
        let ahead =
            in_room(self.tenant, room).filter(events::ends_at.gt(now)).filter(events::status.ne("completed"));
        Ok(self.tx.row::<_, RoomUseRow>(ahead).await?.map(room_use))
    }
}

/// A room that the caller sees.
///
/// # Errors
/// When the database fails.
pub async fn room_find(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    room: RoomId,
) -> StoreResult<Option<Room>> {
    let one = rooms::table.find((tx.tenant, room)).select(RoomRow::as_select());
    let found = tx.tx.row::<_, RoomRow>(one).await?.map(Room::from);
    Ok(found.filter(|room| sees(permit, room.organization)))
}

/// The rooms of the locations that the caller sees, or of one of them, by name.
///
/// # Errors
/// 422 for an invalid cursor.
pub async fn room_list(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    organization: Option<OrganizationId>,
    with_archived: bool,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<Room>, Problem> {
    let mut query = rooms::table
        .filter(rooms::tenant_id.eq(tx.tenant))
        .select(RoomRow::as_select())
        .order((rooms::name, rooms::id))
        .limit(limit.fetch_limit())
        .into_boxed();
    if let Some(at) = anywhere(permit) {
        query = query.filter(rooms::organization_id.eq_any(at));
    }
    if let Some(at) = organization {
        query = query.filter(rooms::organization_id.eq(at));
    }
    if !with_archived {
        query = query.filter(rooms::status.eq("active"));
    }
    if let Some((name, id)) = after::<(String, RoomId)>(cursor)? {
        query = query.filter(rooms::name.gt(name.clone()).or(rooms::name.eq(name).and(rooms::id.gt(id))));
    }
    let rows: Vec<Room> = tx.tx.rows::<_, RoomRow>(query).await?.into_iter().map(Room::from).collect();
    Ok(Page::from_rows(rows, limit, |room| (room.fields.name.clone(), room.id)))
}
