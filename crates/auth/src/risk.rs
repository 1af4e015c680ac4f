//! What is remarkable about a sign-in, and how risky that looks (AUT-15). Pure rules over what was recorded.
//!
//! A signal never refuses a sign-in: it is shown, counted and, for a new device, mailed.

use crate::{KnownDevice, auth_event::EVENT_LIFE};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// From this number of failures within [`FAILURE_WINDOW`] on, over all networks, they are a signal.
pub const MANY_FAILURES: u32 = 10;
/// The window in which failures are counted.
pub const FAILURE_WINDOW: TimeDelta = TimeDelta::hours(24);
/// Two sign-ins that are further apart than someone travels at this speed are a signal.
pub const FASTEST_TRAVEL_KMH: f64 = 1_000.0;
/// Coarse locations that are not further apart than this count as one.
pub const SAME_PLACE_KM: f64 = 100.0;
/// A network is known for as long as events are stored.
pub const NETWORK_LIFE: TimeDelta = EVENT_LIFE;

/// Something remarkable about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// A sign-in from a device that the user has not signed in on before, or has revoked since.
    NewDevice,
    /// A sign-in after many failures.
    ManyFailures,
    /// A sign-in further from the last one than anyone travels in that time.
    ImpossibleTravel,
    /// A second use of a refresh token that looks like a theft.
    TokenReuse,
    /// A second use of a refresh token that looks like a repeated request.
    LikelyRetry,
}

/// How risky an event looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing is remarkable.
    None,
    /// Something is remarkable.
    Elevated,
    /// It looks like somebody else.
    High,
}

impl Risk {
    /// The risk of an event with these signals: high for a likely theft of a token, and for a new device
    /// together with many failures or an impossible journey.
    #[must_use]
    pub fn of(signals: &[Signal]) -> Self {
        let has = |signal| signals.contains(&signal);
        let is_stranger =
            has(Signal::NewDevice) && (has(Signal::ManyFailures) || has(Signal::ImpossibleTravel));
        match signals {
            [] => Self::None,
            _ if has(Signal::TokenReuse) || is_stranger => Self::High,
            _ => Self::Elevated,
        }
    }
}

/// What is known of a user before a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInHistory {
    /// Whether the user has signed in before.
    pub has_signed_in: bool,
    /// Whether the user has signed in from this network before.
    pub knows_network: bool,
    /// The failures within [`FAILURE_WINDOW`].
    pub failures: u32,
    /// The last sign-in before, and its network.
    pub last: Option<(DateTime<Utc>, Option<String>)>,
}

impl SignInHistory {
    /// Whether a device is new to the user: one that names itself, if it is not `known` or was revoked; one that
    /// does not, if it is in a network from which the user has never signed in. The first sign-in of a user is
    /// compared with nothing.
    #[must_use]
    pub fn is_new_device(&self, names_itself: bool, known: Option<&KnownDevice>) -> bool {
        let is_unknown = match names_itself {
            true => known.is_none_or(|device| device.revoked_at.is_some()),
            false => !self.knows_network,
        };
        self.has_signed_in && is_unknown
    }

    /// Whether there are so many failures that they are a signal.
    #[must_use]
    pub const fn has_many_failures(&self) -> bool {
        self.failures >= MANY_FAILURES
    }

    /// Whether nobody can have travelled from the last sign-in to `network` by `now`, as far as `geography` knows
    /// both places.
    #[must_use]
    pub fn is_impossible_travel(
        &self,
        geography: &impl Geography,
        network: Option<&str>,
        now: DateTime<Utc>,
    ) -> bool {
        let (Some((at, Some(from))), Some(to)) = (&self.last, network) else { return false };
        let places = geography.network_locate(from).zip(geography.network_locate(to));
        places.is_some_and(|(from, to)| is_too_far(from.distance_km(to), now - *at))
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of 400 days are exact in a float")]
fn is_too_far(kilometres: f64, within: TimeDelta) -> bool {
    let hours = within.num_milliseconds() as f64 / 3_600_000.0;
    kilometres > SAME_PLACE_KM && kilometres > hours * FASTEST_TRAVEL_KMH
}

/// A coarse location on the globe, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// North is positive.
    pub latitude: f64,
    /// East is positive.
    pub longitude: f64,
}

impl Coordinates {
    /// The distance along the surface.
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        const RADIUS_KM: f64 = 6_371.0;
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let east = (other.longitude - self.longitude).to_radians();
        // Haversine, which is exact enough also for near points.
        let chord =
            ((there - here) / 2.0).sin().powi(2) + here.cos() * there.cos() * (east / 2.0).sin().powi(2);
        2.0 * RADIUS_KM * chord.sqrt().min(1.0).asin()
    }
}

/// Where networks are, roughly. The product comes with none ([`Nowhere`]): such data are licensed, and grow old.
pub trait Geography: Send + Sync {
    /// The coarse location of `network` (`192.0.2.0/24`, `2001:db8::/64`), if it is known.
    fn network_locate(&self, network: &str) -> Option<Coordinates>;
}

/// Knows no place, so no journey is impossible.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

impl Geography for Nowhere {
    fn network_locate(&self, _: &str) -> Option<Coordinates> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, testing::NOW};
    use tryzore_kernel::UserId;

    fn known() -> KnownDevice {
        let device = Device::new(Some("phone".into()), None, None);
        KnownDevice::first(UserId::generate(NOW), "phone".into(), &device, NOW)
    }

    #[test]
    fn a_named_device_is_new_until_it_has_signed_in_and_after_it_was_revoked() {
        let history = SignInHistory { has_signed_in: true, knows_network: true, ..Default::default() };
        assert!(history.is_new_device(true, None));
        assert!(!history.is_new_device(true, Some(&known())));
        assert!(history.is_new_device(true, Some(&known().revoke(NOW))));
        let first = SignInHistory { has_signed_in: false, ..history };
        assert!(!first.is_new_device(true, None), "there is nothing to compare with");
    }

    #[test]
    fn a_device_without_a_name_is_known_by_its_network() {
        let history = SignInHistory { has_signed_in: true, ..Default::default() };
        assert!(history.is_new_device(false, None));
        assert!(!SignInHistory { knows_network: true, ..history }.is_new_device(false, None));
    }

    #[test]
    fn ten_failures_are_many() {
        let with = |failures| SignInHistory { failures, ..Default::default() };
        assert!(!with(9).has_many_failures());
        assert!(with(10).has_many_failures());
    }

    #[test]
    fn what_is_remarkable_is_elevated_and_what_looks_like_a_stranger_is_high() {
        use Signal::{ImpossibleTravel, LikelyRetry, ManyFailures, NewDevice, TokenReuse};
        let cases: [(&[Signal], Risk); 8] = [
            (&[], Risk::None),
            (&[NewDevice], Risk::Elevated),
            (&[ManyFailures], Risk::Elevated),
            (&[ManyFailures, ImpossibleTravel], Risk::Elevated),
            (&[LikelyRetry], Risk::Elevated),
            (&[NewDevice, ManyFailures], Risk::High),
            (&[NewDevice, ImpossibleTravel], Risk::High),
            (&[TokenReuse], Risk::High),
        ];
        for (signals, risk) in cases {
            assert_eq!(Risk::of(signals), risk, "{signals:?}");
        }
    }

    struct Two;

    impl Geography for Two {
        fn network_locate(&self, network: &str) -> Option<Coordinates> {
            match network {
                "rome" => Some(Coordinates { latitude: 41.9, longitude: 12.5 }),
                "sydney" => Some(Coordinates { latitude: -33.9, longitude: 151.2 }),
                "tivoli" => Some(Coordinates { latitude: 42.0, longitude: 12.8 }),
                _ => None,
            }
        }
    }

    #[test]
    fn nobody_travels_faster_than_a_thousand_kilometres_an_hour() {
        let from_rome = |hours, network| {
            let last = Some((NOW - TimeDelta::minutes(hours), Some("rome".to_owned())));
            let history = SignInHistory { last, ..Default::default() };
            history.is_impossible_travel(&Two, network, NOW)
        };
        let way = Two.network_locate("rome").unwrap().distance_km(Two.network_locate("sydney").unwrap());
        assert!((16_300.0..16_350.0).contains(&way), "{way}");
        assert!(from_rome(16 * 60, Some("sydney")));
        assert!(!from_rome(17 * 60, Some("sydney")));
        assert!(!from_rome(0, Some("tivoli")), "the same place, roughly");
        assert!(!from_rome(0, Some("unknown")));
        assert!(!from_rome(0, None));
        assert!(!SignInHistory::default().is_impossible_travel(&Two, Some("rome"), NOW));
        // The limits themselves are possible.
        assert!(!is_too_far(100.0, TimeDelta::zero()) && is_too_far(100.1, TimeDelta::zero()));
        assert!(!is_too_far(1_000.0, TimeDelta::hours(1)) && is_too_far(1_000.1, TimeDelta::hours(1)));
    }

    #[test]
    fn without_a_geography_no_journey_is_impossible() {
        let history = SignInHistory { last: Some((NOW, Some("rome".into()))), ..Default::default() };
        assert!(!history.is_impossible_travel(&Nowhere, Some("sydney"), NOW));
    }
}
