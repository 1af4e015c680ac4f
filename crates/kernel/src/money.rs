//! Money: integer minor units with a currency, never a float and never a bare number.

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[cfg(feature = "diesel")]
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::{BigInt, Record, Text},
};

/// An ISO 4217 currency, printed as its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

/// The three letters are not a currency of ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no ISO 4217 currency code")]
pub struct UnknownCurrency(String);

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self(Iso::USD);
    /// The euro.
    pub const EUR: Self = Self(Iso::EUR);

    /// The three letters of the currency.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal separator: 2 for the euro, 0 for the yen, 3 for the dinar.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        Iso::from_code(code).map(Self).ok_or_else(|| UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount: `minor` units (cents for the euro) of `currency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "diesel", derive(FromSqlRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units of the currency; negative for refunds.
    pub minor: i64,
    /// ISO 4217 code.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z]{3}$", example = "EUR"))]
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
}

/// Reads what a query calls `ROW(fee_minor, currency)`.
#[cfg(feature = "diesel")]
impl FromSql<Record<(BigInt, Text)>, Pg> for Money {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let (minor, currency): (i64, String) = FromSql::<Record<(BigInt, Text)>, Pg>::from_sql(bytes)?;
        Ok(Self::new(minor, currency.parse()?))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (unit, digits) = (10_u64.pow(self.currency.exponent()), self.currency.exponent() as usize);
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match digits {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            _ => write!(f, "{sign}{whole}.{rest:0digits$} {}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_with_the_digits_of_its_currency() {
        let yen = "JPY".parse().unwrap();
        let dinar = "KWD".parse().unwrap();
        assert_eq!(Money::new(2500, Currency::USD).to_string(), "25.00 USD");
        assert_eq!(Money::new(-5, Currency::EUR).to_string(), "-0.05 EUR");
        assert_eq!(Money::new(2500, yen).to_string(), "2500 JPY");
        assert_eq!(Money::new(2500, dinar).to_string(), "2.500 KWD");
    }

    #[test]
    fn refuses_unknown_currencies() {
        assert!("EURO".parse::<Currency>().is_err());
        assert!(serde_json::from_str::<Money>(r#"{"minor":1,"currency":"ZZZ"}"#).is_err());
    }
}
