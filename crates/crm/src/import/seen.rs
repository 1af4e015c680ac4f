//! Finds persons who appear in more than one row.
//!
//! Rows with the same e-mail address are the same person. Rows with the same phone number are too, unless
//! numbers may be shared: then number and name must both be the same.

use super::options::ImportOptions;
use crate::ClientDraft;
use std::collections::HashMap;

/// The addresses and numbers of the rows so far, with the numbers of the rows. It has at most
/// [`ROWS`](super::limits::ROWS) entries of each.
#[derive(Debug)]
pub(crate) struct Seen {
    shared_phones: bool,
    rows: HashMap<String, u32>,
}

/// An earlier row with the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Earlier {
    pub(crate) row: u32,
    pub(crate) by_email: bool,
}

impl Seen {
    pub(crate) fn new(options: &ImportOptions) -> Self {
        Self { shared_phones: options.shared_phones, rows: HashMap::new() }
    }

    /// Stores the person of row `number`, or returns the earlier row of that person.
    pub(crate) fn meet(&mut self, draft: &ClientDraft, number: u32) -> Result<(), Earlier> {
        let email = draft.contact.email().map(|email| email.as_str().to_owned());
        let phone = draft.contact.phone().map(|phone| {
            if self.shared_phones { format!("{phone} {}", draft.name.likeness()) } else { phone.to_string() }
        });
        let found = |key: &Option<String>| key.as_ref().and_then(|key| self.rows.get(key)).copied();
        if let Some(row) = found(&email) {
            return Err(Earlier { row, by_email: true });
        }
        if let Some(row) = found(&phone) {
            return Err(Earlier { row, by_email: false });
        }
        self.rows.extend(email.into_iter().chain(phone).map(|key| (key, number)));
        Ok(())
    }
}
