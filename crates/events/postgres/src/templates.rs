//! The port for templates (EVT-02), and their list.

use crate::{
    EventStore,
    views::{after, anywhere, sees},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_events::{Template, TemplateFields, Templates, permission::ViewEvents};
use tryzore_kernel::{Limit, OrganizationId, Page, Problem, StoreResult, TemplateId};
use tryzore_postgres::column::{column, corrupt, count, from_text, to_text};
use tryzore_rbac::Permit;
use tryzore_schema::{events::templates, tenancy::organizations};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = templates, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct TemplateRow {
    id: TemplateId,
    organization_id: Option<OrganizationId>,
    kind: String,
    name: String,
    description: String,
    category: String,
    difficulty: Option<String>,
    duration_minutes: i32,
    default_spots: i32,
    status: String,
    version: i32,
    created_at: DateTime<Utc>,
}

impl TemplateRow {
    fn of(template: &Template) -> Self {
        let fields = &template.fields;
        Self {
            id: template.id,
            organization_id: template.organization,
            kind: to_text(template.kind),
            name: fields.name.clone(),
            description: fields.description.clone(),
            category: fields.category.clone(),
            difficulty: fields.difficulty.map(to_text),
            duration_minutes: fields.duration_minutes.into(),
            default_spots: column(fields.default_spots),
            status: if template.is_archived { "archived" } else { "active" }.to_owned(),
            version: template.version,
            created_at: template.created_at,
        }
    }

    fn template(self) -> StoreResult<Template> {
        Ok(Template {
            id: self.id,
            organization: self.organization_id,
            kind: from_text(&self.kind)?,
            fields: TemplateFields {
                name: self.name,
                description: self.description,
                category: self.category,
                difficulty: self.difficulty.as_deref().map(from_text).transpose()?,
                duration_minutes: u16::try_from(self.duration_minutes)
                    .map_err(|_| corrupt("templates.duration_minutes"))?,
                default_spots: count(self.default_spots.into()),
            },
            is_archived: self.status == "archived",
            version: self.version,
            created_at: self.created_at,
        })
    }
}

impl Templates for EventStore<'_> {
    async fn template_open(&mut self, template: TemplateId) -> StoreResult<Option<Template>> {
        let row: Option<TemplateRow> = self
            .tx
            .row(
                templates::table
                    .filter(templates::tenant_id.eq(self.tenant))
                    .filter(templates::id.eq(template))
                    .select(TemplateRow::as_select())
                    .for_no_key_update(),
            )
            .await?;
        row.map(TemplateRow::template).transpose()
    }

    async fn template_insert(&mut self, template: &Template, at: DateTime<Utc>) -> StoreResult<()> {
        let more = (templates::tenant_id.eq(self.tenant), templates::updated_at.eq(at));
        self.tx.defer(diesel::insert_into(templates::table).values((TemplateRow::of(template), more)));
        Ok(())
    }

    async fn template_update(&mut self, template: &Template, at: DateTime<Utc>) -> StoreResult<()> {
        let one = templates::table
            .filter(templates::tenant_id.eq(self.tenant))
            .filter(templates::id.eq(template.id));
        self.tx.defer(diesel::update(one).set((TemplateRow::of(template), templates::updated_at.eq(at))));
        Ok(())
    }

    async fn organizations_all(&mut self) -> StoreResult<Vec<OrganizationId>> {
        self.tx
            .rows(
                organizations::table
                    .filter(organizations::tenant_id.eq(self.tenant))
                    .filter(organizations::status.ne("closed"))
                    .select(organizations::id),
            )
            .await
    }
}

/// The template `id`, if the caller sees its location.
///
/// # Errors
/// When the database fails.
pub async fn template_find(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    id: TemplateId,
) -> StoreResult<Option<Template>> {
    let one = templates::table.find((tx.tenant, id)).select(TemplateRow::as_select());
    let found = tx.tx.row::<_, TemplateRow>(one).await?.map(TemplateRow::template).transpose()?;
    Ok(found.filter(|template| template.organization.is_none_or(|at| sees(permit, at))))
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
) -> Result<Page<Template>, Problem> {
    let mut query = templates::table
        .filter(templates::tenant_id.eq(tx.tenant))
        .select(TemplateRow::as_select())
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
    let rows: Vec<TemplateRow> = tx.tx.rows(query).await?;
    let found = rows.into_iter().map(TemplateRow::template).collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::from_rows(found, limit, |template| (template.fields.name.clone(), template.id)))
}
