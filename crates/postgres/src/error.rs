//! Diesel's errors as the one error of a repository.

use diesel::result::{DatabaseErrorKind as Kind, Error};
use tryzore_kernel::StoreError;

pub(crate) fn store_error(error: Error) -> StoreError {
    match error {
        Error::DatabaseError(
            Kind::UniqueViolation
            | Kind::CheckViolation
            | Kind::ForeignKeyViolation
            | Kind::ExclusionViolation,
            info,
        ) => StoreError::Conflict(info.constraint_name().unwrap_or("unnamed").to_owned()),
        Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, info) => {
            StoreError::Unavailable(info.message().to_owned())
        }
        // The server says goodbye: it is shutting down, starting up or was told to end us.
        Error::DatabaseError(Kind::Unknown, info) if is_farewell(info.message()) => {
            StoreError::Unavailable(info.message().to_owned())
        }
        other => StoreError::Broken(other.to_string()),
    }
}

fn is_farewell(message: &str) -> bool {
    ["terminating connection", "the database system is", "too many clients", "remaining connection slots"]
        .iter()
        .any(|start| message.contains(start))
}
