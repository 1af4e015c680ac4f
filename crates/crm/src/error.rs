//! Answers for the errors of this crate, and its denials.

use crate::{Client, NoContact, import::ImportError};
use tryzore_kernel::{Denial, Problem, UseCaseError};

impl From<ImportError> for UseCaseError {
    fn from(error: ImportError) -> Self {
        Box::new(Problem::from(error)).into()
    }
}

impl From<NoContact> for UseCaseError {
    fn from(none: NoContact) -> Self {
        Self::invalid("/email", none.to_string())
    }
}

/// Another client has the address. The denial names `existing` only to callers who may see that client.
pub(crate) fn same_email(code: &'static str, existing: Option<&Client>) -> Denial {
    let denial = Denial::state(code);
    match existing {
        None => {
            denial.remedy("A client of another location has this e-mail address. Ask that location.", None)
        }
        Some(client) if client.is_archived() => denial
            .because("client.id", client.id)
            .because("client.name", client.name.to_string())
            .because("client.status", "archived")
            .remedy(
                format!("{} has this e-mail address and is archived. Restore that client.", client.name),
                Some("restore_client"),
            ),
        Some(client) => denial
            .because("client.id", client.id)
            .because("client.name", client.name.to_string())
            .because("client.status", "active")
            .remedy(
                format!("{} has this e-mail address already. Open that client instead.", client.name),
                Some("get_client"),
            ),
    }
}
