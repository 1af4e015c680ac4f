//! The permission that a question is about.

use tryzore_kernel::Problem;
use tryzore_rbac::Slug;

/// The permission called `text`.
///
/// # Errors
/// 422 when there is none.
pub(super) fn slug(text: &str) -> Result<Slug, Problem> {
    let detail = "expected a permission such as events.create; `GET /permissions` lists them";
    Slug::find(text).ok_or_else(|| Problem::invalid("permission", detail))
}
