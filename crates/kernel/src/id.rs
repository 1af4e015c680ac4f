//! Typed identifiers.
//!
//! Every id is a UUIDv7, so ids sort by the moment they were made and index pages fill from one end. An id
//! is printed as a prefix and 32 hexadecimal digits, `bkg_0193a5b2…`: the prefix shows the kind of id, and
//! the digits paste into `psql` as they are. Parsing takes the printed form, the bare digits and the
//! hyphenated form, all in lower case. It refuses the prefix of another kind and the other notations of a
//! UUID (`urn:uuid:…`, `{…}`), because the API contract does not allow them.

use chrono::{DateTime, Utc};
use std::{fmt, str::FromStr};
use uuid::{NoContext, Timestamp, Uuid};

/// Why a text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text carries the prefix of another kind of id.
    #[error("expected an id that starts with `{expected}_`")]
    Prefix {
        /// The prefix of the expected kind, without the underscore.
        expected: &'static str,
    },
    /// The text after the prefix is not a UUID.
    #[error("expected `{expected}_` and a UUID")]
    Digits {
        /// The prefix of the expected kind, without the underscore.
        expected: &'static str,
    },
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    let digits = match text.split_once('_') {
        Some((found, digits)) if found == prefix => digits,
        Some(_) => return Err(IdError::Prefix { expected: prefix }),
        None => text,
    };
    digits_of(digits).ok_or(IdError::Digits { expected: prefix })
}

/// The UUID in `text`: 32 hexadecimal digits in lower case, or 8-4-4-4-12 of them with hyphens.
#[must_use]
pub fn digits_of(text: &str) -> Option<Uuid> {
    let is_lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    // Each of these two lengths has exactly one notation.
    (is_lower && matches!(text.len(), 32 | 36)).then(|| Uuid::try_parse(text).ok())?
}

/// A UUIDv7 for the moment `at`, with fresh random bits.
#[must_use]
pub fn uuid_at(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Uuid))]
        pub struct $name(Uuid);

        impl $name {
            /// What the printed form starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id for something that is created at `at`.
            #[must_use]
            pub fn generate(at: DateTime<Utc>) -> Self {
                Self(uuid_at(at))
            }

            /// The id as the database stores it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl crate::page::SortKey for $name {
            fn can_be_kept(&self) -> bool {
                true
            }
        }

        #[cfg(feature = "diesel")]
        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <Uuid as diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::from_sql(bytes)
                    .map(Self)
            }
        }

        #[cfg(feature = "diesel")]
        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <Uuid as diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^(", $prefix, "_)?([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")))
                    .examples([concat!($prefix, "_0193a5b2c4d67e8f9a0b1c2d3e4f5061")])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

ids! {
    /// One brand under one contract with the platform: the unit of isolation.
    TenantId = "ten";
    /// One location.
    OrganizationId = "org";
    /// An account that owns organizations.
    OwnerAccountId = "own";
    /// One human, with one login for all tenants.
    UserId = "usr";
    /// A user as a customer of a tenant.
    ClientId = "cli";
    /// A sign-in on one device.
    SessionId = "ses";
    /// A device that a user signs in on.
    DeviceId = "dev";
    /// An entry of the record of what happened to an account.
    AuthEventId = "aev";
    /// An entry of the consent ledger.
    ConsentId = "cns";
    /// A tenant's approval of access by the platform's support.
    SupportGrantId = "sgr";
    /// An entry of the log of what was read in acting sessions.
    AccessLogId = "acl";
    /// An API key for calls from service to service.
    ApiKeyId = "key";
    /// A second factor of a user.
    FactorId = "fac";
    /// A named set of permissions.
    RoleId = "rol";
    /// A role that is granted to a user at one or more organizations.
    AssignmentId = "asg";
    /// An invitation to join the staff.
    InvitationId = "inv";
    /// One run through onboarding.
    OnboardingId = "onb";
    /// A template that events are created from.
    TemplateId = "tpl";
    /// A room of a location.
    RoomId = "room";
    /// A series of events that repeat by one rule.
    SeriesId = "ser";
    /// A class, a tour or an appointment.
    EventId = "evt";
    /// A client's spot at an event.
    BookingId = "bkg";
    /// A client's entry on the waitlist of an event.
    WaitlistEntryId = "wtl";
    /// A file of rows to be imported from another system.
    ImportId = "imp";
    /// A decision that can be explained.
    DecisionId = "dec";
    /// A manual override of a rule.
    OverrideId = "ovr";
    /// An entry of the audit trail.
    AuditId = "aud";
    /// An event in the outbox.
    OutboxId = "msg";
    /// A background job.
    JobId = "job";
    /// A webhook delivery from a provider.
    WebhookId = "whk";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_with_its_prefix_and_reads_every_form() {
        let id = BookingId::generate(DateTime::UNIX_EPOCH);
        for text in [id.to_string(), id.uuid().to_string(), id.uuid().simple().to_string()] {
            assert_eq!(text.parse(), Ok(id), "{text}");
        }
        assert!(id.to_string().starts_with("bkg_"));
    }

    #[test]
    fn refuses_the_prefix_of_another_kind() {
        let event = EventId::generate(DateTime::UNIX_EPOCH).to_string();
        assert_eq!(event.parse::<BookingId>(), Err(IdError::Prefix { expected: "bkg" }));
        assert_eq!("bkg_12".parse::<BookingId>(), Err(IdError::Digits { expected: "bkg" }));
    }

    #[test]
    fn refuses_notations_that_the_contract_does_not_allow() {
        let uuid = BookingId::generate(DateTime::UNIX_EPOCH).uuid();
        let upper = uuid.simple().to_string().to_uppercase();
        for text in [
            uuid.urn().to_string(),
            uuid.braced().to_string(),
            format!("bkg_{}", uuid.braced()),
            format!("bkg_{}", uuid.urn()),
            "0193A5B2C4D67E8F9A0B1C2D3E4F5061".to_owned(),
            format!("bkg_{upper}-"),
            format!("{}-", uuid.simple()),
        ] {
            assert_eq!(text.parse::<BookingId>(), Err(IdError::Digits { expected: "bkg" }), "{text}");
        }
    }

    #[test]
    fn sorts_by_the_moment_it_was_made() {
        let early = BookingId::generate(DateTime::UNIX_EPOCH);
        let late = BookingId::generate(DateTime::UNIX_EPOCH + chrono::Duration::milliseconds(1));
        assert!(early < late);
    }
}
