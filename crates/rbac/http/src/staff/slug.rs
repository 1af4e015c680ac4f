//! Parses the slug of a permission.

use tryzore_kernel::Problem;
use tryzore_rbac::Slug;

/// The permission with the slug `text`.
///
/// # Errors
/// 422 for an unknown permission.
pub(super) fn slug(text: &str) -> Result<Slug, Problem> {
    let detail = "expected a permission such as events.create; `GET /permissions` lists them";
    Slug::find(text).ok_or_else(|| Problem::invalid("permission", detail))
}
