//! Templates (EVT-02) and series, from which events are made.

use super::{after, anywhere, sees};
use crate::EventStore;

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use serde::Serialize;
use tryzore_events::permission::ViewEvents;
use tryzore_kernel::{Limit, OrganizationId, Page, Problem, SeriesId, StoreResult, TemplateId, UserId};
use tryzore_rbac::Permit;
use tryzore_schema::events::{series, templates};
use utoipa::ToSchema;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = templates, check_for_backend(diesel::pg::Pg))]
pub struct TemplateView {
    /// The id of the template.
    pub id: TemplateId,
    /// The location that owns the template; null for a template of every location.
    pub organization_id: Option<OrganizationId>,
    /// The kind of the events: `class`, `tour` or `appointment`.
    #[schema(value_type = tryzore_events::EventKind)]
    pub kind: String,
    /// The name of the events.
    pub name: String,
    /// The description that clients read.
    pub description: String,
    /// The category.
    pub category: String,
    /// The difficulty: `beginner`, `intermediate` or `advanced`.
    #[schema(value_type = Option<tryzore_events::Difficulty>)]
    pub difficulty: Option<String>,
    /// The duration of the events, in minutes.
    pub duration_minutes: i32,
    /// The number of spots.
    pub default_spots: i32,
    /// The status: `active` or `archived`.
    #[schema(value_type = crate::shapes::TemplateStatus)]
    pub status: String,
    /// The version to send in `If-Match`.
    pub version: i32,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = series, check_for_backend(diesel::pg::Pg))]
pub struct SeriesView {
    /// The id of the series.
    pub id: SeriesId,
    /// The location where the events take place.
    pub organization_id: OrganizationId,
    /// The template from which the events are made.
    pub template_id: Option<TemplateId>,
    /// The kind of the events: `class`, `tour` or `appointment`.
    #[schema(value_type = tryzore_events::EventKind)]
    pub kind: String,
    /// The name of the events.
    pub name: String,
    /// The staff member who leads the events.
    pub staff_user_id: Option<UserId>,
    /// The time zone of the local times of the series (IANA name).
    pub time_zone: String,
    /// The first local date on which an event may be.
    pub starts_on: NaiveDate,
    /// The local time at which the events start.
    pub local_time: NaiveTime,
    /// The duration of the events, in minutes.
    pub duration_minutes: i32,
    /// The recurrence rule: the value of an RRULE line.
    pub rule: String,
    /// Local dates on which the rule makes no event.
    pub excluded_dates: Vec<NaiveDate>,
    /// The number of spots.
    pub spots_total: i32,
    /// The room or the meeting point.
    pub location: String,
    /// Whether they take clients of other locations.
    pub allow_cross_location_booking: bool,
    /// The local date up to which events were created.
    pub materialized_until: Option<NaiveDate>,
    /// The status: `active` or `ended`.
    #[schema(value_type = crate::shapes::SeriesStatus)]
    pub status: String,
    /// The version to send in `If-Match`.
    pub version: i32,
}

/// Templates of every location and of the locations that the caller sees, by name. With a location as
/// filter: templates of every location and of that location.
///
/// # Errors
/// 422 for an invalid cursor.
pub async fn template_list(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    organization: Option<OrganizationId>,
    with_archived: bool,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<TemplateView>, Problem> {
    let mut query = templates::table
        .filter(templates::tenant_id.eq(tx.tenant))
        .select(TemplateView::as_select())
        .order((templates::name, templates::id))
        .limit(limit.fetch_limit())
        .into_boxed();
    if let Some(at) = anywhere(permit) {
        query = query.filter(templates::organization_id.is_null().or(templates::organization_id.eq_any(at)));
    }
    if let Some(at) = organization {
        query = query.filter(templates::organization_id.is_null().or(templates::organization_id.eq(at)));
    }
    if !with_archived {
        query = query.filter(templates::status.eq("active"));
    }
    if let Some((name, id)) = after::<(String, TemplateId)>(cursor)? {
        let later = templates::name.eq(name.clone()).and(templates::id.gt(id));
        query = query.filter(templates::name.gt(name).or(later));
    }
    let rows: Vec<TemplateView> = tx.tx.rows(query).await?;
    Ok(Page::from_rows(rows, limit, |template| (template.name.clone(), template.id)))
}

/// The template `id`, if the caller sees its location.
///
/// # Errors
/// Fails when the database query fails.
pub async fn template(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    id: TemplateId,
) -> StoreResult<Option<TemplateView>> {
    let one = templates::table.filter(templates::tenant_id.eq(tx.tenant)).filter(templates::id.eq(id));
    let row: Option<TemplateView> = tx.tx.row(one.select(TemplateView::as_select())).await?;
    Ok(row.filter(|row| row.organization_id.is_none_or(|at| sees(permit, at))))
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
) -> Result<Page<SeriesView>, Problem> {
    let mut query = series::table
        .filter(series::tenant_id.eq(tx.tenant))
        .select(SeriesView::as_select())
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
    let rows: Vec<SeriesView> = tx.tx.rows(query).await?;
    Ok(Page::from_rows(rows, limit, |series| series.id))
}

/// The series `id`, if the caller sees its location.
///
/// # Errors
/// Fails when the database query fails.
pub async fn series(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    id: SeriesId,
) -> StoreResult<Option<SeriesView>> {
    let one = series::table.filter(series::tenant_id.eq(tx.tenant)).filter(series::id.eq(id));
    let row: Option<SeriesView> = tx.tx.row(one.select(SeriesView::as_select())).await?;
    Ok(row.filter(|row| sees(permit, row.organization_id)))
}
