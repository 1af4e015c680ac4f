//! Limits the guessing of passwords (AUT-07).
//!
//! Five failures for one account from one caller within 15 minutes lock that pair for 15 minutes; each
//! further lock within a day lasts twice as long, up to four hours. The pair is locked and not the account,
//! because otherwise anyone could lock anyone out. An IPv6 caller is identified by its /64, because that is
//! what one household is assigned.
//!
//! An attempt is counted *before* it is made, and taken back when it succeeds or when the provider could
//! not be reached: so of a hundred concurrent guesses, five are tried. An address without a user counts
//! like any other, so a lock does not reveal whether the address is known.

use chrono::{DateTime, TimeDelta, Utc};
use core::net::IpAddr;
use sha2::{Digest, Sha256};
use tryzore_kernel::{Email, UserId, network::network_of};

/// The number of failures that leads to a lock.
pub const FAILURES: u32 = 5;
/// The window in which failures are counted.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long the first lock lasts.
pub const FIRST_LOCK: TimeDelta = TimeDelta::minutes(15);
/// How long a lock lasts at most.
pub const LONGEST_LOCK: TimeDelta = TimeDelta::hours(4);
/// After this time without an attempt, everything is reset.
pub const FORGET: TimeDelta = TimeDelta::hours(24);

/// The counted attempts of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttle {
    /// Attempts in the current window that have not succeeded.
    pub failures: u32,
    /// When the window began.
    pub since: Option<DateTime<Utc>>,
    /// The number of locks so far.
    pub lockouts: u32,
    /// When the current lock ends.
    pub locked_until: Option<DateTime<Utc>>,
    /// When the last attempt was made.
    pub last_at: Option<DateTime<Utc>>,
}

/// Attempts are refused until a certain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// When attempts are possible again.
    pub until: DateTime<Utc>,
}

impl Throttle {
    /// Counts an attempt that is about to be made.
    ///
    /// # Errors
    /// [`Locked`]; the attempt is not counted then.
    pub fn attempt(mut self, now: DateTime<Utc>) -> Result<Self, Locked> {
        match self.locked_until {
            Some(until) if now < until => return Err(Locked { until }),
            Some(_) => self = Self { lockouts: self.lockouts, last_at: self.last_at, ..Self::default() },
            None => {}
        }
        if self.last_at.is_some_and(|last| now - last >= FORGET) {
            self = Self::default();
        }
        if self.since.is_none_or(|since| now - since >= WINDOW) {
            self.failures = 0;
            self.since = Some(now);
        }
        self.failures += 1;
        self.last_at = Some(now);
        if self.failures >= FAILURES {
            self.locked_until = Some(now + lock(self.lockouts));
            self.lockouts = self.lockouts.saturating_add(1);
        }
        Ok(self)
    }

    /// Takes back an attempt that was counted but could not be made.
    #[must_use]
    pub fn take_back(mut self) -> Self {
        if self.failures >= FAILURES && self.locked_until.take().is_some() {
            self.lockouts = self.lockouts.saturating_sub(1);
        }
        self.failures = self.failures.saturating_sub(1);
        self
    }

    /// How many more failures lead to a lock.
    #[must_use]
    pub const fn attempts_left(&self) -> u32 {
        FAILURES.saturating_sub(self.failures)
    }
}

fn lock(before: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(before.min(16));
    FIRST_LOCK.checked_mul(factor).map_or(LONGEST_LOCK, |long| long.min(LONGEST_LOCK))
}

/// The key of counted attempts: a hash, so that the table contains no addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThrottleKey([u8; 32]);

impl ThrottleKey {
    /// The key of attempts to sign in as `email` from `ip`.
    #[must_use]
    pub fn login(email: &Email, ip: Option<IpAddr>) -> Self {
        Self::of("login", email.as_str(), ip)
    }

    /// The key of mails that are requested for `email` from `ip`.
    #[must_use]
    pub fn mail(email: &Email, ip: Option<IpAddr>) -> Self {
        Self::of("mail", email.as_str(), ip)
    }

    /// The key of attempts to use a second factor of `user`, from anywhere: only those get this far who have
    /// given the right password, or are signed in.
    #[must_use]
    pub fn factor(user: UserId) -> Self {
        Self::of("factor", &user.to_string(), None)
    }

    /// The hash as the database stores it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(what: &str, whom: &str, ip: Option<IpAddr>) -> Self {
        let network = ip.map(|ip| network_of(ip).to_string()).unwrap_or_default();
        Self(Sha256::digest(format!("{what}\n{whom}\n{network}")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    fn after(attempts: u32, from: Throttle, now: DateTime<Utc>) -> Throttle {
        (0..attempts).fold(from, |throttle, _| throttle.attempt(now).unwrap())
    }

    #[test]
    fn the_fifth_failure_within_15_minutes_locks_aut_07() {
        let four = after(4, Throttle::default(), NOW);
        assert_eq!((four.locked_until, four.attempts_left()), (None, 1));
        let five = four.attempt(NOW).unwrap();
        let until = NOW + TimeDelta::minutes(15);
        assert_eq!(five.attempt(until - TimeDelta::microseconds(1)), Err(Locked { until }));
        assert!(five.attempt(until).is_ok());
    }

    #[test]
    fn a_failure_counts_for_15_minutes() {
        let four = after(4, Throttle::default(), NOW);
        let just_in = four.attempt(NOW + WINDOW - TimeDelta::microseconds(1)).unwrap();
        assert!(just_in.locked_until.is_some());
        assert_eq!(four.attempt(NOW + WINDOW).unwrap().failures, 1);
    }

    #[test]
    fn locks_double_up_to_four_hours_and_are_forgotten_after_a_day() {
        let (mut throttle, mut now, mut minutes) = (Throttle::default(), NOW, Vec::new());
        for _ in 0..6 {
            throttle = after(5, throttle, now);
            minutes.push((throttle.locked_until.unwrap() - now).num_minutes());
            now = throttle.locked_until.unwrap();
        }
        assert_eq!(minutes, [15, 30, 60, 120, 240, 240]);
        let last = throttle.last_at.unwrap();
        let remembered = throttle.attempt(last + FORGET - TimeDelta::microseconds(1)).unwrap();
        assert_eq!(remembered.lockouts, 6);
        assert_eq!(throttle.attempt(last + FORGET).unwrap().lockouts, 0);
    }

    #[test]
    fn an_attempt_that_could_not_be_made_is_taken_back() {
        let four = after(4, Throttle::default(), NOW);
        let five = four.attempt(NOW).unwrap().take_back();
        assert_eq!((five.failures, five.lockouts, five.locked_until), (4, 0, None));
    }

    #[test]
    fn an_ipv6_network_is_one_caller_and_accounts_are_counted_apart() {
        let ada = "ada@example.com".parse().unwrap();
        let eve = "eve@example.com".parse().unwrap();
        let ip = |text: &str| Some(text.parse().unwrap());
        let key = |ip| ThrottleKey::login(&ada, ip);
        assert_eq!(key(ip("2001:db8:1:2::1")), key(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(key(ip("2001:db8:1:2::1")), key(ip("2001:db8:1:3::1")));
        assert_eq!(key(ip("::ffff:10.0.0.1")), key(ip("10.0.0.1")));
        assert_ne!(key(ip("10.0.0.1")), key(ip("10.0.0.2")));
        assert_ne!(key(None), ThrottleKey::login(&eve, None));
        assert_ne!(key(None), ThrottleKey::mail(&ada, None));
    }
}
