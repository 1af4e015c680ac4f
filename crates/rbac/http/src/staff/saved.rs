//! A role in a request, and a saved role.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::RoleId;
use tryzore_rbac::{
    Pattern,
    manage::{Role, RoleForm, RoleScope, role::names},
};
use tryzore_web::shapes::OwnScope;
use utoipa::ToSchema;

/// All fields of a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    /// The name, unique without regard to case.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The purpose; may be empty.
    #[schema(max_length = 500)]
    description: String,
    /// The scope of an assignment: `organization`, or `subtree` for all locations below it too.
    #[schema(value_type = OwnScope)]
    scope: RoleScope,
    /// Slugs and wildcards; only permissions that you have yourself.
    #[schema(min_items = 1, max_items = 64, example = json!(["events.view_*", "events.create"]))]
    patterns: Vec<String>,
}

impl From<RoleBody> for RoleForm {
    fn from(body: RoleBody) -> Self {
        Self { name: body.name, description: body.description, scope: body.scope, patterns: body.patterns }
    }
}

/// A role that was just created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedRole {
    /// The id.
    id: RoleId,
    /// The name.
    name: String,
    /// The purpose.
    description: String,
    /// `organization` or `subtree`.
    #[schema(value_type = tryzore_rbac::manage::RoleScope)]
    scope: &'static str,
    /// The slugs and wildcards of the role.
    patterns: Vec<String>,
    /// All permissions of the role.
    permissions: Vec<&'static str>,
    /// The version, for `If-Match`.
    pub(super) version: i32,
    /// When it was last changed.
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
