//! Converts the errors of Diesel into the error type of the repositories.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error};
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
        // The statement exceeded its time limit; a retry may be faster.
        Error::DatabaseError(Kind::Unknown, info) if is_time_out(info.message()) => {
            StoreError::Unavailable(info.message().to_owned())
        }
        // The server ends connections: it is shutting down or starting up, or an administrator ended this one.
        Error::DatabaseError(Kind::Unknown, info) if is_farewell(info.message()) => {
            StoreError::Unavailable(info.message().to_owned())
        }
        Error::DatabaseError(kind, info) if is_contention(&kind, info.message()) => {
            StoreError::Contended(said(&kind, &*info))
        }
        Error::DatabaseError(kind, info) => StoreError::Broken(said(&kind, &*info)),
        other => StoreError::Broken(other.to_string()),
    }
}

// The server's message with the table, column and constraint, without the values that the message quotes
// after a colon: they may be personal data.
fn said(kind: &Kind, info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    let message = info.message().split(": ").next().unwrap_or_default();
    let tree = [
        ("table", info.table_name()),
        ("column", info.column_name()),
        ("constraint", info.constraint_name()),
    ];
    let tree = tree.into_iter().filter_map(|(what, name)| Some(format!(", {what} {}", name?)));
    format!("{kind:?}: {message}{}", tree.collect::<String>())
}

// The server has rolled the transaction back in favour of another transaction.
fn is_contention(kind: &Kind, message: &str) -> bool {
    matches!(kind, Kind::SerializationFailure)
        || ["deadlock detected", "canceling statement due to lock timeout", "could not obtain lock"]
            .iter()
            .any(|start| message.starts_with(start))
}

fn is_farewell(message: &str) -> bool {
    ["terminating connection", "the database system is", "too many clients", "remaining connection slots"]
        .iter()
        .any(|start| message.contains(start))
}

fn is_time_out(message: &str) -> bool {
    message.contains("canceling statement due to statement timeout")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_timeout_may_be_retried() {
        let message = "canceling statement due to statement timeout".to_owned();
        let error = Error::DatabaseError(Kind::Unknown, Box::new(message));
        assert!(matches!(store_error(error), StoreError::Unavailable(_)));
    }

    #[test]
    fn deadlocks_and_lock_timeouts_are_contention() {
        let said =
            |message: &str| store_error(Error::DatabaseError(Kind::Unknown, Box::new(message.to_owned())));
        for message in ["deadlock detected", "canceling statement due to lock timeout"] {
            assert!(matches!(said(message), StoreError::Contended(_)), "{message}");
        }
    }

    #[test]
    fn values_that_the_server_quotes_are_left_out() {
        let broken = |message: &str| {
            let error = Error::DatabaseError(Kind::Unknown, Box::new(message.to_owned()));
            store_error(error).to_string()
        };
        let told = broken("invalid input syntax for type uuid: \"ada@example.com\"");
        assert!(told.ends_with("Unknown: invalid input syntax for type uuid"), "{told}");
        assert!(broken("permission denied for table users").ends_with("for table users"));
    }
}
