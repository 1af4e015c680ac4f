//! A role in a request.

use serde::Deserialize;
use tryzore_rbac::manage::{RoleForm, RoleScope};
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
