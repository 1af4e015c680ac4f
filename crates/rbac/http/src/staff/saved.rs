//! A role as it is sent, and as it was saved.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::RoleId;
use tryzore_rbac::{
    Pattern,
    manage::{Role, RoleForm, RoleScope, role::names},
};
use tryzore_web::shapes::OwnScope;
use utoipa::ToSchema;

/// What a role is to be like, in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    /// What people call it, unique whatever the case.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is for; may be empty.
    #[schema(max_length = 500)]
    description: String,
    /// How far it reaches when it is given: `organization` or `subtree`.
    #[schema(value_type = OwnScope)]
    scope: RoleScope,
    /// Slugs and wildcards; nothing that one does not hold oneself.
    #[schema(min_items = 1, max_items = 64, example = json!(["events.view_*", "events.create"]))]
    patterns: Vec<String>,
}

impl From<RoleBody> for RoleForm {
    fn from(body: RoleBody) -> Self {
        Self { name: body.name, description: body.description, scope: body.scope, patterns: body.patterns }
    }
}

/// A role that was just made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedRole {
    /// Its id.
    id: RoleId,
    /// What people call it.
    name: String,
    /// What it is for.
    description: String,
    /// `organization` or `subtree`.
    #[schema(value_type = tryzore_rbac::manage::RoleScope)]
    scope: &'static str,
    /// What it holds, with wildcards.
    patterns: Vec<String>,
    /// What it gives, one by one.
    permissions: Vec<&'static str>,
    /// For `If-Match`.
    pub(super) version: i32,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

impl From<Role> for SavedRole {
    fn from(role: Role) -> Self {
        Self {
            id: role.id,
            scope: role.scope.as_str(),
            patterns: role.patterns.iter().map(Pattern::to_string).collect(),
            permissions: names(role.permissions()),
            name: role.name,
            description: role.description,
            version: role.version,
            updated_at: role.updated_at,
        }
    }
}
