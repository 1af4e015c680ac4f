//! What events are made from: templates (EVT-02) and series.

use super::{after, anywhere};
use crate::TenantTx;
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
    /// Its id.
    pub id: TemplateId,
    /// Whose it is; null for every location's.
    pub organization_id: Option<OrganizationId>,
    /// `class`, `tour` or `appointment`.
    pub kind: String,
    /// What its events are called.
    pub name: String,
    /// What clients read about it.
    pub description: String,
    /// Under what it is sorted.
    pub category: String,
    /// `beginner`, `intermediate` or `advanced`.
    pub difficulty: Option<String>,
    /// How long its events last.
    pub duration_minutes: i32,
    /// How many can come.
    pub default_spots: i32,
    /// `active` or `archived`.
    pub status: String,
    /// For `If-Match`.
    pub version: i32,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = series, check_for_backend(diesel::pg::Pg))]
pub struct SeriesView {
    /// Its id.
    pub id: SeriesId,
    /// Where its events take place.
    pub organization_id: OrganizationId,
    /// What they are made from.
    pub template_id: Option<TemplateId>,
    /// `class`, `tour` or `appointment`.
    pub kind: String,
    /// What they are called.
    pub name: String,
    /// Who leads them.
    pub staff_user_id: Option<UserId>,
    /// The zone whose clock they follow; IANA name.
    pub time_zone: String,
    /// None is before this local date.
    pub starts_on: NaiveDate,
    /// When they start by the clock on the wall.
    pub local_time: NaiveTime,
    /// How long they last.
    pub duration_minutes: i32,
    /// On which dates: the value of an RRULE line.
    pub rule: String,
    /// Local dates that are left out.
    pub excluded_dates: Vec<NaiveDate>,
    /// How many can come.
    pub spots_total: i32,
    /// In which room, or where to meet.
    pub location: String,
    /// Whether they take clients of other locations.
    pub allow_cross_location_booking: bool,
    /// The local date up to which events were made.
    pub materialized_until: Option<NaiveDate>,
    /// `active` or `ended`.
    pub status: String,
    /// For `If-Match`.
    pub version: i32,
}

/// Templates of the locations that the caller sees and of every location, by name; of one location
/// and of every location, when one is asked for.
///
/// # Errors
/// 422 for a cursor that does not hold.
pub async fn template_list(
    permit: &Permit<ViewEvents>,
    tx: &mut TenantTx,
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
/// When the database can't answer.
pub async fn template(
    permit: &Permit<ViewEvents>,
    tx: &mut TenantTx,
    id: TemplateId,
) -> StoreResult<Option<TemplateView>> {
    let one = templates::table.filter(templates::tenant_id.eq(tx.tenant)).filter(templates::id.eq(id));
    let row: Option<TemplateView> = tx.tx.row(one.select(TemplateView::as_select())).await?;
    Ok(row.filter(|row| row.organization_id.is_none_or(|at| sees(permit, at))))
}

/// Series of the locations that the caller sees, or of one of them, newest last.
///
/// # Errors
/// 422 for a cursor that does not hold.
pub async fn series_list(
    permit: &Permit<ViewEvents>,
    tx: &mut TenantTx,
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
/// When the database can't answer.
pub async fn series(
    permit: &Permit<ViewEvents>,
    tx: &mut TenantTx,
    id: SeriesId,
) -> StoreResult<Option<SeriesView>> {
    let one = series::table.filter(series::tenant_id.eq(tx.tenant)).filter(series::id.eq(id));
    let row: Option<SeriesView> = tx.tx.row(one.select(SeriesView::as_select())).await?;
    Ok(row.filter(|row| sees(permit, row.organization_id)))
}

fn sees(permit: &Permit<ViewEvents>, at: OrganizationId) -> bool {
    permit.reach().covers(at) || permit.limited().covers(at)
}
