//! The one error of a repository.

/// What a port answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a port could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A constraint of the database refused it; the name is the constraint's.
    #[error("refused by constraint {0}")]
    Conflict(String),
    /// The database cannot be reached or has no connection to spare.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// It clashed with what others did at the same moment (a deadlock, a lock that was waited for too long)
    /// and was undone: the same again later may work.
    #[error("others were in the way: {0}")]
    Contended(String),
    /// Anything else: a defect of ours.
    #[error("the database failed: {0}")]
    Broken(String),
}

impl StoreError {
    /// Whether it was refused by the constraint `name`.
    #[must_use]
    pub fn is_conflict_on(&self, name: &str) -> bool {
        matches!(self, Self::Conflict(constraint) if constraint == name)
    }
}
