//! The port for series of events, and their list.

use crate::{
    EventStore,
    views::{after, anywhere, sees},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Date, Uuid},
};
use tryzore_events::{
    Event, Offer, SeriesPlan, SeriesPlans,
    permission::ViewEvents,
    series::{Schedule, ScheduleFields, Series, parse_zone},
};
use tryzore_kernel::{
    EventId, Limit, OrganizationId, Page, Problem, SeriesId, StoreResult, TemplateId, TenantId, UserId,
};
use tryzore_postgres::{
    column::{column, corrupt, count, from_text, to_text},
    statement,
};
use tryzore_rbac::Permit;
use tryzore_schema::events::series;

statement! {
    /// Locks in the order of the ids, so that two transactions that lock several events can't deadlock.
    struct LockOccurrences { tenant: TenantId => Uuid, series: SeriesId => Uuid, from: NaiveDate => Date }
    "SELECT id FROM events.events
     WHERE tenant_id = $1 AND series_id = $2 AND occurrence_on >= $3
       AND status IN ('scheduled', 'confirmed', 'in_progress')
     ORDER BY id FOR NO KEY UPDATE"
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Uuid)]
    id: EventId,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = series, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct SeriesRow {
    id: SeriesId,
    organization_id: OrganizationId,
    template_id: Option<TemplateId>,
    name: String,
    kind: String,
    staff_user_id: Option<UserId>,
    time_zone: String,
    starts_on: NaiveDate,
    local_time: NaiveTime,
    duration_minutes: i32,
    rule: String,
    excluded_dates: Vec<NaiveDate>,
    spots_total: i32,
    location: String,
    allow_cross_location_booking: bool,
    materialized_until: Option<NaiveDate>,
    status: String,
    version: i32,
}

impl SeriesRow {
    pub(super) fn of(plan: &SeriesPlan) -> Self {
        let (fields, offer) = (plan.fields(), &plan.offer);
        Self {
            id: plan.series.id,
            organization_id: plan.series.organization,
            template_id: plan.series.template,
            name: offer.name.clone(),
            kind: to_text(plan.kind),
            staff_user_id: offer.staff,
            time_zone: fields.zone.name().to_owned(),
            starts_on: fields.starts_on,
            local_time: fields.local_time,
            duration_minutes: fields.duration_minutes.into(),
            rule: fields.rule.to_string(),
            excluded_dates: fields.exdates.iter().copied().collect(),
            spots_total: column(offer.spots_total),
            location: offer.location.clone(),
            allow_cross_location_booking: offer.takes_visitors,
            materialized_until: plan.materialized_until,
            status: if plan.is_ended { "ended" } else { "active" }.to_owned(),
            version: plan.version,
        }
    }

    pub(super) fn plan(self) -> StoreResult<SeriesPlan> {
        let duration_minutes =
            u16::try_from(self.duration_minutes).map_err(|_| corrupt("series.duration_minutes"))?;
        let schedule = Schedule::try_new(ScheduleFields {
            zone: parse_zone(&self.time_zone).map_err(|_| corrupt("series.time_zone"))?,
            rule: self.rule.parse().map_err(|_| corrupt("series.rule"))?,
            starts_on: self.starts_on,
            local_time: self.local_time,
            duration_minutes,
            exdates: self.excluded_dates.into_iter().collect(),
        });
        Ok(SeriesPlan {
            series: Series {
                id: self.id,
                organization: self.organization_id,
                template: self.template_id,
                schedule: schedule.map_err(|_| corrupt("series.rule"))?,
            },
            kind: from_text(&self.kind)?,
            offer: Offer {
                name: self.name,
                staff: self.staff_user_id,
                duration_minutes,
                spots_total: count(self.spots_total.into()),
                location: self.location,
                takes_visitors: self.allow_cross_location_booking,
            },
            is_ended: self.status == "ended",
            materialized_until: self.materialized_until,
            version: self.version,
        })
    }
}

impl SeriesPlans for EventStore<'_> {
    async fn series_open(&mut self, id: SeriesId) -> StoreResult<Option<SeriesPlan>> {
        let row: Option<SeriesRow> = self
            .tx
            .row(
                series::table
                    .filter(series::tenant_id.eq(self.tenant))
                    .filter(series::id.eq(id))
                    .select(SeriesRow::as_select())
                    .for_no_key_update(),
            )
            .await?;
        row.map(SeriesRow::plan).transpose()
    }

    async fn series_insert(&mut self, plan: &SeriesPlan, at: DateTime<Utc>) -> StoreResult<()> {
        let times = (series::tenant_id.eq(self.tenant), series::created_at.eq(at), series::updated_at.eq(at));
        self.tx.defer(diesel::insert_into(series::table).values((SeriesRow::of(plan), times)));
        Ok(())
    }

    async fn series_update(&mut self, plan: &SeriesPlan, at: DateTime<Utc>) -> StoreResult<()> {
        let one =
            series::table.filter(series::tenant_id.eq(self.tenant)).filter(series::id.eq(plan.series.id));
        self.tx.defer(diesel::update(one).set((SeriesRow::of(plan), series::updated_at.eq(at))));
        Ok(())
    }

    async fn occurrences_insert(&mut self, events: &[Event], at: DateTime<Utc>) -> StoreResult<Vec<EventId>> {
        self.events_insert(events, at).await
    }

    async fn occurrences_open(&mut self, series: SeriesId, from: NaiveDate) -> StoreResult<Vec<Event>> {
        let locked: Vec<IdRow> = self.tx.rows(LockOccurrences { tenant: self.tenant, series, from }).await?;
        self.events_read(locked.into_iter().map(|row| row.id).collect()).await
    }
}

/// The series `id`, if the caller sees its location.
///
/// # Errors
/// When the database fails.
pub async fn series_find(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    id: SeriesId,
) -> StoreResult<Option<SeriesPlan>> {
    let one = series::table.find((tx.tenant, id)).select(SeriesRow::as_select());
    let found = tx.tx.row::<_, SeriesRow>(one).await?.map(SeriesRow::plan).transpose()?;
    Ok(found.filter(|plan| sees(permit, plan.series.organization)))
}

/// Series of the locations that the caller sees, or of one of these locations; the newest last.
///
/// # Errors
/// 422 for an invalid cursor.
pub async fn series_list(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    organization: Option<OrganizationId>,
    with_ended: bool,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<SeriesPlan>, Problem> {
    let mut query = series::table
        .filter(series::tenant_id.eq(tx.tenant))
        .select(SeriesRow::as_select())
        .order(series::id)
        .limit(limit.fetch_limit())
        .into_boxed();
    if let Some(at) = anywhere(permit) {
        query = query.filter(series::organization_id.eq_any(at));
    }
    if let Some(at) = organization {
        query = query.filter(series::organization_id.eq(at));
    }
    if !with_ended {
        query = query.filter(series::status.eq("active"));
    }
    if let Some(id) = after::<SeriesId>(cursor)? {
        query = query.filter(series::id.gt(id));
    }
    let rows: Vec<SeriesRow> = tx.tx.rows(query).await?;
    let found = rows.into_iter().map(SeriesRow::plan).collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::from_rows(found, limit, |plan| plan.series.id))
}
