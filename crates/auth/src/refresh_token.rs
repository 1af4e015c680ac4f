//! Refresh tokens: valid for 30 days, changed at every use, one family per session (AUT-01).
//!
//! Using a token ends it and creates the next. A second use of a token shows that two parties have it, but
//! not which of them is the thief (RFC 9700, section 4.14.2): the family ends, and the session with it.
//!
//! **A lost answer is the exception.** A phone that loses its connection cannot know whether its request
//! arrived, and repeats it. So a second use within [`RETRY_WINDOW`] from the same device gets the same
//! successor again, as long as the successor itself is unused. A thief gains little by that: they need the
//! description of the device and these few seconds, and they get the token that the owner has too. Whoever of
//! the two uses it later than the other by more than the window, or from another device, ends the family.

use crate::{Device, Session, TokenHash};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::SessionId;

/// How long a refresh token is valid.
pub const REFRESH_LIFE: TimeDelta = TimeDelta::days(30);
/// Within this time, a second use from the same device counts as a retry and not as a theft.
pub const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);
/// By how much the clock of one process may be behind that of another.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(2);

/// A refresh token, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The hash of its text, unique.
    pub hash: TokenHash,
    /// The session, which identifies the family.
    pub session: SessionId,
    /// The number of earlier tokens in the family.
    pub generation: u32,
    /// When the token was created.
    pub issued_at: DateTime<Utc>,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
    /// The state of the token.
    pub state: RefreshState,
}

/// The state of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshState {
    /// The token can be used, once.
    Live,
    /// The token was used; there is a next one.
    Rotated {
        /// When the token was used.
        at: DateTime<Utc>,
    },
    /// The token ended with its family.
    Revoked {
        /// When the family ended.
        at: DateTime<Utc>,
    },
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// The token was used before: the family must end.
    Reused {
        /// When the token was used.
        rotated_at: DateTime<Utc>,
    },
    /// The token was used on another device than the one it was issued to: the family must end.
    OtherDevice,
    /// The token ended with its family.
    Revoked,
    /// The token has expired.
    Expired,
}

impl RefreshToken {
    /// The first token of the family of `session`.
    #[must_use]
    pub fn first(session: &Session, hash: TokenHash, now: DateTime<Utc>) -> Self {
        Self {
            hash,
            session: session.id,
            generation: 0,
            issued_at: now,
            expires_at: life(session, now).min(session.expires_at),
            state: RefreshState::Live,
        }
    }

    /// This token, marked as used, and the next one with the hash `next`. `device` is the device of the
    /// request.
    ///
    /// # Errors
    /// [`Unusable`]. An earlier use is reported even when the token has expired since, because a theft must
    /// be detected.
    pub fn rotate(
        self,
        session: &Session,
        device: &Device,
        next: TokenHash,
        now: DateTime<Utc>,
    ) -> Result<(Self, Self), Unusable> {
        match self.state {
            RefreshState::Rotated { at } => return Err(Unusable::Reused { rotated_at: at }),
            RefreshState::Revoked { .. } => return Err(Unusable::Revoked),
            RefreshState::Live if session.is_bound_elsewhere(device) => return Err(Unusable::OtherDevice),
            RefreshState::Live if now >= self.expires_at => return Err(Unusable::Expired),
            RefreshState::Live => {}
        }
        let next = Self {
            hash: next,
            session: self.session,
            generation: self.generation.saturating_add(1),
            issued_at: now,
            expires_at: life(session, now),
            state: RefreshState::Live,
        };
        Ok((Self { state: RefreshState::Rotated { at: now }, ..self }, next))
    }

    /// Whether a use from `device` at `now` repeats the use of this token at `rotated_at`: it comes from the
    /// device of `session`, which has an id, within [`RETRY_WINDOW`].
    #[must_use]
    pub fn is_retry(
        session: &Session,
        device: &Device,
        rotated_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        let has_id = session.origin.device.id.is_some();
        let since = now - rotated_at;
        has_id && session.is_on_device(device) && (-CLOCK_SKEW..=RETRY_WINDOW).contains(&since)
    }

    /// Whether this token is the successor of `used`, and still unused.
    #[must_use]
    pub fn is_unused_successor_of(&self, used: &Self) -> bool {
        self.state == RefreshState::Live
            && self.session == used.session
            && self.generation == used.generation.saturating_add(1)
    }
}

fn life(session: &Session, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + REFRESH_LIFE).min(session.ends_at_latest())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, hash, session};

    fn first() -> RefreshToken {
        RefreshToken::first(&session(), hash(1), NOW)
    }

    fn use_at(token: RefreshToken, now: DateTime<Utc>) -> Result<(RefreshToken, RefreshToken), Unusable> {
        let session = session();
        let device = session.origin.device.clone();
        token.rotate(&session, &device, hash(2), now)
    }

    #[test]
    fn lives_for_thirty_days_aut_01() {
        assert!(use_at(first(), NOW + TimeDelta::days(30) - TimeDelta::microseconds(1)).is_ok());
        assert_eq!(use_at(first(), NOW + TimeDelta::days(30)), Err(Unusable::Expired));
    }

    #[test]
    fn using_a_token_ends_it_and_creates_the_next() {
        let later = NOW + TimeDelta::days(3);
        let (old, new) = use_at(first(), later).unwrap();
        assert_eq!(old.state, RefreshState::Rotated { at: later });
        assert_eq!((new.state, new.generation, new.session), (RefreshState::Live, 1, old.session));
        assert_eq!(new.expires_at, later + REFRESH_LIFE);
        assert_eq!(use_at(old, later), Err(Unusable::Reused { rotated_at: later }));
    }

    #[test]
    fn a_second_use_is_a_retry_for_ten_seconds_on_the_same_device() {
        let session = session();
        let device = &session.origin.device;
        let retry = |device: &Device, after| RefreshToken::is_retry(&session, device, NOW, NOW + after);
        assert!(retry(device, TimeDelta::zero()) && retry(device, TimeDelta::seconds(10)));
        assert!(!retry(device, TimeDelta::seconds(10) + TimeDelta::microseconds(1)));
        assert!(retry(device, -CLOCK_SKEW), "the clock of another process is ahead");
        assert!(!retry(device, -CLOCK_SKEW - TimeDelta::microseconds(1)));
        let mut unnamed = session.clone();
        unnamed.origin.device.id = None;
        assert!(
            !RefreshToken::is_retry(&unnamed, &unnamed.origin.device, NOW, NOW),
            "a device without an id"
        );
        let browser = Some("Firefox".to_owned());
        for other in [
            Device::default(),
            Device { id: Some("another".into()), ..device.clone() },
            Device { user_agent: browser, ..device.clone() },
        ] {
            assert!(!retry(&other, TimeDelta::zero()), "{other:?}");
        }
    }

    #[test]
    fn only_the_live_next_token_of_the_family_is_an_unused_successor() {
        let (used, next) = use_at(first(), NOW).unwrap();
        assert!(next.is_unused_successor_of(&used));
        assert!(!used.is_unused_successor_of(&used));
        let (spent, third) = use_at(next, NOW).unwrap();
        assert!(!spent.is_unused_successor_of(&used), "the successor was used itself");
        assert!(!third.is_unused_successor_of(&used));
        let foreign = RefreshToken { session: SessionId::generate(NOW), ..third.clone() };
        assert!(third.is_unused_successor_of(&spent) && !foreign.is_unused_successor_of(&spent));
    }

    #[test]
    fn reuse_is_reported_even_when_the_token_has_expired_since() {
        let (old, _) = use_at(first(), NOW).unwrap();
        assert_eq!(use_at(old, NOW + TimeDelta::days(60)), Err(Unusable::Reused { rotated_at: NOW }));
    }

    #[test]
    fn no_token_is_valid_beyond_a_year_of_the_session() {
        let session = session();
        let late = session.created_at + TimeDelta::days(350);
        let token = RefreshToken { issued_at: late, expires_at: late + REFRESH_LIFE, ..first() };
        let (_, new) = token.rotate(&session, &session.origin.device, hash(2), late).unwrap();
        assert_eq!(new.expires_at, session.created_at + SESSION_YEAR);
    }

    const SESSION_YEAR: TimeDelta = TimeDelta::days(365);

    #[test]
    fn a_token_is_bound_to_its_device_aut_05() {
        let session = session();
        let elsewhere = Device::new(Some("another".into()), None, None);
        assert_eq!(first().rotate(&session, &elsewhere, hash(2), NOW), Err(Unusable::OtherDevice));
        assert_eq!(first().rotate(&session, &Device::default(), hash(2), NOW), Err(Unusable::OtherDevice));
    }
}
