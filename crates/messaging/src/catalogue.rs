//! The kinds of letters of all domains.

use crate::Templates;
use tryzore_kernel::{LetterKind, Locale, StoreResult};

/// The kinds of letters of all domains, with the texts that the product comes with. Its names are unique.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue(&'static [&'static [LetterKind]]);

impl Catalogue {
    /// The kinds of each domain.
    #[must_use]
    pub const fn new(domains: &'static [&'static [LetterKind]]) -> Self {
        Self(domains)
    }

    /// All kinds.
    pub fn kinds(self) -> impl Iterator<Item = &'static LetterKind> {
        self.0.iter().copied().flatten()
    }

    /// The kind with the template `name`.
    #[must_use]
    pub fn find(self, name: &str) -> Option<&'static LetterKind> {
        self.kinds().find(|kind| kind.name() == name)
    }
}

impl Templates for Catalogue {
    async fn template_find(&mut self, name: &str, locale: Locale) -> StoreResult<Option<String>> {
        Ok(self.find(name).and_then(|kind| kind.text(locale)).map(str::to_owned))
    }
}
