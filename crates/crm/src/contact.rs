//! The contact data of a client.

use serde::{Deserialize, Serialize};
use tryzore_kernel::{Email, Phone};

/// There is neither an e-mail address nor a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address or a phone number")]
pub struct NoContact;

/// An e-mail address, a phone number, or both; never neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Contact {
    email: Option<Email>,
    phone: Option<Phone>,
}

#[derive(Deserialize)]
struct Parts {
    email: Option<Email>,
    phone: Option<Phone>,
}

impl TryFrom<Parts> for Contact {
    type Error = NoContact;
    fn try_from(parts: Parts) -> Result<Self, NoContact> {
        Self::try_new(parts.email, parts.phone)
    }
}

impl Contact {
    /// Creates contact data from an address, a number, or both.
    ///
    /// # Errors
    /// [`NoContact`] if both are missing.
    pub fn try_new(email: Option<Email>, phone: Option<Phone>) -> Result<Self, NoContact> {
        if email.is_none() && phone.is_none() { Err(NoContact) } else { Ok(Self { email, phone }) }
    }

    /// The e-mail address.
    #[must_use]
    pub const fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// The phone number.
    #[must_use]
    pub const fn phone(&self) -> Option<&Phone> {
        self.phone.as_ref()
    }

    /// The same contact data with the e-mail address `email`.
    #[must_use]
    pub fn with_email(self, email: Email) -> Self {
        Self { email: Some(email), ..self }
    }

    /// The same contact data with the phone number `phone`.
    #[must_use]
    pub fn with_phone(self, phone: Phone) -> Self {
        Self { phone: Some(phone), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_way_to_reach_a_client() {
        let email: Email = "ada@example.com".parse().unwrap();
        assert_eq!(Contact::try_new(None, None), Err(NoContact));
        assert!(Contact::try_new(Some(email), None).is_ok());
        assert!(serde_json::from_str::<Contact>(r#"{"email":null,"phone":null}"#).is_err());
    }
}
