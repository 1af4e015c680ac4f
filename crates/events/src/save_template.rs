//! Staff who may put events on the schedule create, change and archive templates.
//!
//! A template of every location can only be changed by staff with the permission at every location.

use crate::{
    EventKind, Template, TemplateFields, Templates, UseCaseError,
    domain_event::{TemplateArchived, TemplateChanged, TemplateSaved},
    permission::CreateEvent,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, TemplateId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// Creating a template, in recorded decisions and in the audit trail.
pub const CREATE: Command = Command::new("templates.create").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// Changing a template, in recorded decisions and in the audit trail.
pub const EDIT: Command = Command::new("templates.edit").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// Archiving a template, in recorded decisions and in the audit trail.
pub const ARCHIVE: Command = Command::new("templates.archive").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// A template that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// The location that owns the template; none for a template of every location.
    pub organization: Option<OrganizationId>,
    /// The kind of the events.
    pub kind: EventKind,
    /// The other fields.
    pub fields: TemplateFields,
}

/// Creates a template.
///
/// # Errors
/// [`UseCaseError::Invalid`]; [`UseCaseError::NotFound`] or [`UseCaseError::Denied`] at a location that the
/// permit does not reach; `events.template.tenant_wide`.
pub async fn create_template<T: Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    new: NewTemplate,
    now: DateTime<Utc>,
) -> Result<Template, UseCaseError> {
    let template = Template {
        id: TemplateId::generate(now),
        organization: new.organization,
        kind: new.kind,
        fields: new.fields.checked()?,
        is_archived: false,
        version: 1,
        created_at: now,
    };
    reach(permit, tx, CREATE, &template).await?;
    tx.template_insert(&template, now).await?;
    tell(tx, CREATE, TemplateSaved, &template, now);
    Ok(template)
}

/// Changes the template `id`, whose version the caller read as `expected`. An edit without a difference
/// leaves the version as it is.
///
/// # Errors
/// As [`create_template`]; [`UseCaseError::Stale`]; `events.template.archived`.
pub async fn edit_template<T: Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    id: TemplateId,
    expected: i32,
    fields: TemplateFields,
    now: DateTime<Utc>,
) -> Result<Template, UseCaseError> {
    let fields = fields.checked()?;
    let before = open(permit, tx, EDIT, id, expected).await?;
    if before.is_archived {
        let denial = Denial::state("events.template.archived")
            .because("template.status", "archived")
            .remedy("Make a new template.", Some("create_template"));
        tx.record_if_denied(DecisionContext::new(EDIT, id, before.organization), Err(denial))?;
    }
    if before.fields == fields {
        return Ok(before);
    }
    let after = Template { fields, version: before.version + 1, ..before };
    tx.template_update(&after, now).await?;
    tell(tx, EDIT, TemplateSaved, &after, now);
    Ok(after)
}

/// Archives the template `id`. Archiving it again changes nothing.
///
/// # Errors
/// As [`create_template`]; [`UseCaseError::Stale`].
pub async fn archive_template<T: Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    id: TemplateId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Template, UseCaseError> {
    let before = open(permit, tx, ARCHIVE, id, expected).await?;
    if before.is_archived {
        return Ok(before);
    }
    let after = Template { is_archived: true, version: before.version + 1, ..before };
    tx.template_update(&after, now).await?;
    tell(tx, ARCHIVE, TemplateArchived, &after, now);
    Ok(after)
}

async fn open<T: Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    command: Command,
    id: TemplateId,
    expected: i32,
) -> Result<Template, UseCaseError> {
    let template = tx.template_open(id).await?.ok_or(UseCaseError::NotFound("template"))?;
    reach(permit, tx, command, &template).await?;
    if template.version == expected { Ok(template) } else { Err(UseCaseError::Stale) }
}

async fn reach<T: Templates + Journal>(
    permit: &Permit<CreateEvent>,
    tx: &mut T,
    command: Command,
    template: &Template,
) -> Result<(), UseCaseError> {
    if let Some(organization) = template.organization {
        return permit.require_at(organization, "template");
    }
    let everywhere = permit.grants().reach(Slug::MANAGE_FRANCHISE);
    let all = tx.organizations_all().await?;
    if all.iter().all(|organization| everywhere.covers(*organization)) {
        return Ok(());
    }
    let denial = Denial::right("events.template.tenant_wide")
        .because("permission", Slug::MANAGE_FRANCHISE.as_str())
        .because("template.organization", None::<OrganizationId>)
        .remedy(
            "Make a template of your own location, or ask the owner of all locations.",
            Some("list_permission_holders"),
        );
    let decision = DecisionContext::new(command, template.id, template.organization);
    Ok(tx.record_if_denied(decision, Err(denial))?)
}

fn tell<E: DomainEvent>(
    journal: &mut impl Journal,
    command: Command,
    what: fn(TemplateChanged) -> E,
    template: &Template,
    now: DateTime<Utc>,
) {
    let changed = TemplateChanged { template: template.id, organization: template.organization };
    journal.event_publish(what(changed).published(now));
    journal.audit_append(AuditEntry {
        action: command.name,
        target: template.id.uuid(),
        subject: None,
        organizations: template.organization.into_iter().collect(),
        details: serde_json::json!({ "name": template.fields.name, "version": template.version }),
    });
}
