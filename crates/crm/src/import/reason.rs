//! Why a row is refused, and what is said of a row that is taken. The codes are stable: reports,
//! translations and other people's scripts rest on them.

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
            /// All there are.
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
    /// Why a row is refused.
    Reason {
        /// It has more cells than the header has columns.
        RowMisaligned = "row.misaligned";
        /// A cell is longer than [`CELL_BYTES`](super::limits::CELL_BYTES).
        CellTooLong = "cell.too_long";
        /// There is no name.
        NameMissing = "name.missing";
        /// The name is no name.
        NameInvalid = "name.invalid";
        /// The name is too long.
        NameTooLong = "name.too_long";
        /// There is neither an e-mail address nor a phone number.
        ContactMissing = "contact.missing";
        /// The e-mail address is none.
        EmailInvalid = "email.invalid";
        /// The phone number is none.
        PhoneInvalid = "phone.invalid";
        /// A spreadsheet has rounded the phone number.
        PhoneDamaged = "phone.spreadsheet_damage";
        /// The date of birth is no date.
        BirthDateInvalid = "birth_date.invalid";
        /// The date of birth is in the future or too long ago.
        BirthDateImplausible = "birth_date.implausible";
        /// The first day is no date.
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
        /// The person is a client under another address, or was added meanwhile.
        ClientExists = "client.exists";
        /// A quote is opened and never closed.
        QuoteOpen = "row.open_quote";
        /// The text was decoded by the wrong encoding, or can't be decoded.
        TextGarbled = "text.garbled";
    }
}

codes! {
    /// What is said of a row that is taken.
    Caution {
        /// An extension of the phone number was left out.
        ExtensionDropped = "phone.extension_dropped";
        /// The client is known here by another phone number, which stays.
        PhoneDiffers = "phone.differs";
        /// The phone number is another client's, so it was left out.
        PhoneTaken = "phone.taken";
        /// The phone number is another client's as well.
        PhoneShared = "phone.shared";
        /// The answer about advertising can't be read: it counts as never asked.
        ConsentUnreadable = "consent.unreadable";
        /// The file says yes to advertising and the client has said no here: it stays no.
        ConsentRefused = "consent.refused_here";
        /// The language can't be read.
        LocaleUnreadable = "locale.unreadable";
        /// A year was of the Buddhist era and was converted.
        BuddhistYear = "date.buddhist_year";
        /// The client belongs to another location, so nothing was changed.
        OtherLocation = "client.other_location";
        /// A quote inside of quotes is not doubled; it was kept.
        QuoteInside = "row.quote_inside";
        /// A cell that is not taken can't be decoded.
        TextUnreadable = "text.unreadable";
        /// A value was wrapped as a formula and was taken out of it.
        FormulaUnwrapped = "cell.formula_unwrapped";
        /// Characters that nobody sees were taken out.
        InvisibleRemoved = "cell.invisible_removed";
        /// A spreadsheet had made a number of the phone number.
        PhoneFromNumber = "phone.from_number";
        /// There are two phone numbers, and the second was left out.
        PhoneSecond = "phone.second_left_out";
        /// A year of two digits got its century.
        CenturyAdded = "date.century_added";
        /// A time of day was left out of a date of birth.
        TimeLeftOut = "date.time_left_out";
        /// A spreadsheet had made a number of the reference.
        ReferenceFromNumber = "external_ref.from_number";
        /// A spreadsheet has rounded the reference: it was left out.
        ReferenceDamaged = "external_ref.spreadsheet_damage";
        /// A name is written as nothing is; it was kept.
        NameLooksBlank = "name.looks_blank";
        /// A title or a degree was left out of the name.
        TitleLeftOut = "name.title_left_out";
        /// What is the given name and what the family name may be otherwise.
        NameUnclear = "name.unclear";
        /// Another column has another name, which was left out.
        NameUnused = "name.other_left_out";
    }
}
