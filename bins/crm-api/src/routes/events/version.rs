//! The version that a change is made of: no one overwrites what they have not read.

use tryzore_kernel::Problem;
use tryzore_web::IfMatch;

/// The version that the caller has read.
///
/// # Errors
/// 428 (RFC 6585) when the caller does not say; `*` says nothing either.
pub(in crate::routes) fn read_version(read: IfMatch) -> Result<i32, Problem> {
    read.0.ok_or_else(|| {
        let detail = "send `If-Match` with the ETag that you read, such as \"v3\"";
        Problem::new(428, "request.version_missing", "Say which version you change", detail)
    })
}
