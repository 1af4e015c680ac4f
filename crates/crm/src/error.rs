//! Why a use case of clients fails, and its denials.

use crate::{Client, NoContact, import::ImportError};
use tryzore_kernel::{Denial, Problem, StoreError};
use tryzore_rbac::permit::OutOfReach;

/// Why a use case of clients fails.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// There is no such client or import, or it is not the caller's to see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was changed since the caller read it.
    #[error("changed meanwhile")]
    Stale,
    /// A rule refuses it, or the caller has no right to it.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The change would leave no way to reach the client.
    #[error(transparent)]
    NoContact(#[from] NoContact),
    /// A file can't be imported as it is.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The database could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CrmError {
    /// How `what` is refused at a location that a permit does not stretch to.
    pub(crate) fn out_of_reach(what: &'static str, out_of_reach: OutOfReach) -> Self {
        match out_of_reach {
            OutOfReach::Hidden => Self::NotFound(what),
            OutOfReach::Denied(denial) => Self::Denied(denial),
        }
    }
}

impl From<CrmError> for Problem {
    fn from(error: CrmError) -> Self {
        match error {
            CrmError::NotFound(what) => Self::not_found(what),
            CrmError::Stale => Self::stale(),
            CrmError::Denied(denial) => denial.into(),
            CrmError::NoContact(none) => Self::invalid("/email", none.to_string()),
            CrmError::Import(error) => error.into(),
            CrmError::Store(error) => error.into(),
        }
    }
}

/// The address is another client's. `existing` is named only to who may see it.
pub(crate) fn same_email(code: &'static str, existing: Option<&Client>) -> Denial {
    let denial = Denial::state(code);
    match existing {
        None => {
            denial.remedy("There is a client with this e-mail address. Ask the location that knows it.", None)
        }
        Some(client) if client.is_archived() => denial
            .because("client.id", client.id)
            .because("client.name", client.name.to_string())
            .because("client.status", "archived")
            .remedy(
                format!("{} has this e-mail address and is archived. Restore that client.", client.name),
                Some("clients.restore"),
            ),
        Some(client) => denial
            .because("client.id", client.id)
            .because("client.name", client.name.to_string())
            .because("client.status", "active")
            .remedy(
                format!("{} has this e-mail address already. Open that client instead.", client.name),
                Some("clients.open"),
            ),
    }
}
