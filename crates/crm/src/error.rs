//! What this crate's own errors are to a caller, and its denials.

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
