//! The error of all ports to the database.

/// The result of a port.
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a port failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A constraint of the database refused the change; the text is the name of the constraint.
    #[error("refused by constraint {0}")]
    Conflict(String),
    /// The database cannot be reached, or no connection is free.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The transaction conflicted with others (a deadlock, or a wait for a lock that took too long) and was
    /// rolled back: trying again later may succeed.
    #[error("conflicted with concurrent transactions: {0}")]
    Contended(String),
    /// Any other failure: a defect of the service.
    #[error("the database failed: {0}")]
    Broken(String),
}

impl StoreError {
    /// Whether the constraint `name` refused the change.
    #[must_use]
    pub fn is_conflict_on(&self, name: &str) -> bool {
        matches!(self, Self::Conflict(constraint) if constraint == name)
    }
}
