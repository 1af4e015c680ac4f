//! E-mail addresses and phone numbers, in the one form in which they are stored and compared.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// Why a text is not an e-mail address or a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The text is not an e-mail address.
    #[error("expected an e-mail address such as name@example.com, of at most 255 characters")]
    Email,
    /// The text is not a phone number.
    #[error("expected a phone number in E.164 form: `+`, country code, 7 to 15 digits in all")]
    Phone,
}

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident, $format:literal, $pattern:expr, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text in its normal form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> Self {
                it.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom($format.into())))
                    .pattern($pattern)
                    .examples([$example])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

contact! {
    /// An e-mail address in one normal form, so that one mailbox is one user: lower case, Unicode NFC, and
    /// the host as DNS looks it up (`xn--mller-kva.example`), however the address was typed.
    Email, "email", None::<&str>, "name@example.com"
}
contact! {
    /// A phone number in E.164 form, `+390612345678`.
    Phone, "e164", Some(r"^\+[1-9][0-9]{6,14}$"), "+390612345678"
}

impl FromStr for Email {
    type Err = ContactError;

    /// Checks the form only (one `@`, a host with a dot, no blanks). Whether anyone reads mail at the
    /// address is proven by a mailed link.
    fn from_str(text: &str) -> Result<Self, ContactError> {
        let lower: String = text.trim().to_lowercase().nfc().collect();
        let (local, host) = lower.rsplit_once('@').ok_or(ContactError::Email)?;
        let host = ascii_host(host).ok_or(ContactError::Email)?;
        let address = format!("{local}@{host}");
        let label = |l: &str| {
            !l.is_empty()
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let well_formed = (1..=64).contains(&local.len())
            && !local.contains("..")
            && !local.starts_with('.')
            && !local.ends_with('.')
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
            && host.contains('.')
            && host.split('.').all(label)
            && address.len() <= 255;
        well_formed.then_some(Self(address)).ok_or(ContactError::Email)
    }
}

/// A host name as it is looked up (IDNA, UTS 46).
fn ascii_host(host: &str) -> Option<Cow<'_, str>> {
    if host.is_ascii() && !host.contains("xn--") {
        return Some(Cow::Borrowed(host));
    }
    idna::domain_to_ascii_strict(host).ok().map(Cow::Owned)
}

impl FromStr for Phone {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        let digits = text.strip_prefix('+').ok_or(ContactError::Phone)?;
        let well_formed = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| Self(text.to_owned())).ok_or(ContactError::Phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_one_address() {
        assert_eq!(" Ada@Example.COM ".parse::<Email>().unwrap().as_str(), "ada@example.com");
        for wrong in [
            "ada",
            "@x.it",
            "a@b",
            "a b@x.it",
            "a@x..it",
            "a@-x.it",
            ".a@x.it",
            &format!("{}@x.it", "a".repeat(65)),
        ] {
            assert_eq!(wrong.parse::<Email>(), Err(ContactError::Email), "{wrong}");
        }
    }

    #[test]
    fn one_mailbox_is_one_address_in_every_script() {
        let same = [
            "user@müller.example",
            "user@MÜLLER.example",
            "user@mu\u{308}ller.example",
            "user@xn--mller-kva.example",
            "USER@XN--MLLER-KVA.EXAMPLE",
            "user@müller。example",
        ];
        for text in same {
            assert_eq!(text.parse::<Email>().unwrap().as_str(), "user@xn--mller-kva.example", "{text}");
        }
        let composed = "jos\u{e9}@example.com".parse::<Email>().unwrap();
        assert_eq!("jose\u{301}@example.com".parse::<Email>().unwrap(), composed);
        for wrong in ["a@xn--a.example", "a@mü ller.example", "a@\u{200d}.example", "a@mü_ller.example"] {
            assert_eq!(wrong.parse::<Email>(), Err(ContactError::Email), "{wrong}");
        }
        let long = format!("a@{}.example", "ü".repeat(64));
        assert_eq!(long.parse::<Email>(), Err(ContactError::Email), "a label has at most 63 bytes");
    }

    #[test]
    fn a_phone_number_has_seven_to_fifteen_digits() {
        for right in ["+1234567", "+123456789012345"] {
            assert!(right.parse::<Phone>().is_ok(), "{right}");
        }
        for wrong in ["+123456", "+1234567890123456", "0612345678", "+0612345678", "+39 06 123"] {
            assert_eq!(wrong.parse::<Phone>(), Err(ContactError::Phone), "{wrong}");
        }
    }
}
