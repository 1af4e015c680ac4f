//! Who was in the rows before.
//!
//! One person is one e-mail address. One person is also one phone number, unless numbers may be
//! shared: then it is one number together with one name.

use super::options::ImportOptions;
use crate::ClientDraft;
use std::collections::HashMap;

/// Who was in the rows before: what they are known by, and in which row. Grows with the rows, of
/// which there are at most [`ROWS`](super::limits::ROWS).
#[derive(Debug)]
pub(crate) struct Seen {
    shared_phones: bool,
    rows: HashMap<String, u32>,
}

/// The same person was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Earlier {
    pub(crate) row: u32,
    pub(crate) by_email: bool,
}

impl Seen {
    pub(crate) fn new(options: &ImportOptions) -> Self {
        Self { shared_phones: options.shared_phones, rows: HashMap::new() }
    }

    /// Remembers the person of row `number`, or tells in which row that person was before.
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
