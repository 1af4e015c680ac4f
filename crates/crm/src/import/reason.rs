//! The reasons why a row is refused, and the warnings about accepted rows. The codes are stable, because
//! reports, translations and scripts of other people depend on them.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $code:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl $type {
            /// All variants.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

codes! {
    /// The reason why a row is refused.
    Reason {
        /// The row has more cells than the header has columns.
        RowMisaligned = "row.misaligned";
        /// A cell is longer than [`CELL_BYTES`](super::limits::CELL_BYTES).
        CellTooLong = "cell.too_long";
        /// The row has no name.
        NameMissing = "name.missing";
        /// The text is not a name.
        NameInvalid = "name.invalid";
        /// The name is too long.
        NameTooLong = "name.too_long";
        /// The row has neither an e-mail address nor a phone number.
        ContactMissing = "contact.missing";
        /// The e-mail address is not valid.
        EmailInvalid = "email.invalid";
        /// The phone number is not valid.
        PhoneInvalid = "phone.invalid";
        /// A spreadsheet has rounded the phone number.
        PhoneDamaged = "phone.spreadsheet_damage";
        /// The date of birth is not a date.
        BirthDateInvalid = "birth_date.invalid";
        /// The date of birth is in the future or too long ago.
        BirthDateImplausible = "birth_date.implausible";
        /// The first day is not a date.
        JoinedOnInvalid = "joined_on.invalid";
        /// The first day is too long ago or too far ahead.
        JoinedOnImplausible = "joined_on.implausible";
        /// The reference is too long.
        ExternalRefInvalid = "external_ref.invalid";
        /// The same person was in an earlier row.
        DuplicateInFile = "duplicate.in_file";
        /// A client with another name or address has the phone number.
        SamePhone = "client.same_phone";
        /// The client was archived.
        ClientArchived = "client.archived";
        /// The person is already a client under another address, or was added meanwhile.
        ClientExists = "client.exists";
        /// A quote is opened and never closed.
        QuoteOpen = "row.open_quote";
        /// The text was decoded with the wrong encoding, or cannot be decoded.
        TextGarbled = "text.garbled";
    }
}

codes! {
    /// A warning about an accepted row.
    Caution {
        /// An extension of the phone number was left out.
        ExtensionDropped = "phone.extension_dropped";
        /// The client has another phone number here, which stays.
        PhoneDiffers = "phone.differs";
        /// The phone number belongs to another client, so it was left out.
        PhoneTaken = "phone.taken";
        /// The phone number also belongs to another client.
        PhoneShared = "phone.shared";
        /// The answer about advertising cannot be read, so it counts as no answer.
        ConsentUnreadable = "consent.unreadable";
        /// The file has yes to advertising but the client has answered no here: the answer stays no.
        ConsentRefused = "consent.refused_here";
        /// The language cannot be read.
        LocaleUnreadable = "locale.unreadable";
        /// A year was of the Buddhist era and was converted.
        BuddhistYear = "date.buddhist_year";
        /// The client belongs to another location, so nothing was changed.
        OtherLocation = "client.other_location";
        /// A quote inside a quoted cell is not doubled; it was kept.
        QuoteInside = "row.quote_inside";
        /// A cell that is not imported cannot be decoded.
        TextUnreadable = "text.unreadable";
        /// A value was wrapped in a formula, which was removed.
        FormulaUnwrapped = "cell.formula_unwrapped";
        /// Invisible characters were removed.
        InvisibleRemoved = "cell.invisible_removed";
        /// A spreadsheet had stored the phone number as a number.
        PhoneFromNumber = "phone.from_number";
        /// The row has two phone numbers, and the second was left out.
        PhoneSecond = "phone.second_left_out";
        /// A century was added to a year of two digits.
        CenturyAdded = "date.century_added";
        /// A time of day was left out of a date of birth.
        TimeLeftOut = "date.time_left_out";
        /// A spreadsheet had stored the reference as a number.
        ReferenceFromNumber = "external_ref.from_number";
        /// A spreadsheet has rounded the reference, so it was left out.
        ReferenceDamaged = "external_ref.spreadsheet_damage";
        /// The name is a text that means nothing in other columns; it was kept.
        NameLooksBlank = "name.looks_blank";
        /// A title or a degree was left out of the name.
        TitleLeftOut = "name.title_left_out";
        /// The split into given name and family name is uncertain.
        NameUnclear = "name.unclear";
        /// Another column has a different name, which was left out.
        NameUnused = "name.other_left_out";
    }
}
