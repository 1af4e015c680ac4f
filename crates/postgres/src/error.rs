//! Diesel's errors as the one error of a repository.

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
        // It took longer than a statement of its kind may; it may go faster the next time.
        Error::DatabaseError(Kind::Unknown, info) if is_time_out(info.message()) => {
            StoreError::Unavailable(info.message().to_owned())
        }
        // The server says goodbye: it is shutting down, starting up or was told to end us.
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

// What the server said and about what, without the values that it quotes behind a colon: they may be
// someone's data.
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

// The server has undone the transaction for the sake of another one.
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
    fn a_statement_that_took_too_long_may_be_tried_again() {
        let message = "canceling statement due to statement timeout".to_owned();
        let error = Error::DatabaseError(Kind::Unknown, Box::new(message));
        assert!(matches!(store_error(error), StoreError::Unavailable(_)));
    }

    #[test]
    fn who_was_in_the_way_of_others_may_come_back() {
        let said =
            |message: &str| store_error(Error::DatabaseError(Kind::Unknown, Box::new(message.to_owned())));
        for message in ["deadlock detected", "canceling statement due to lock timeout"] {
            assert!(matches!(said(message), StoreError::Contended(_)), "{message}");
        }
    }

    #[test]
    fn what_the_server_quotes_is_left_out() {
        let broken = |message: &str| {
            let error = Error::DatabaseError(Kind::Unknown, Box::new(message.to_owned()));
            store_error(error).to_string()
        };
        let told = broken("invalid input syntax for type uuid: \"ada@example.com\"");
        assert!(told.ends_with("Unknown: invalid input syntax for type uuid"), "{told}");
        assert!(broken("permission denied for table users").ends_with("for table users"));
    }
}
