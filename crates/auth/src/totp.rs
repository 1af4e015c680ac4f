//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, a new code every 30 seconds, as every
//! authenticator app computes them.
//!
//! A code is accepted one step early and one step late, because the clocks of phones differ and people type
//! slowly. Each step counts once: a code of the last accepted step or of an earlier one is refused.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// How long a code is the current one, in seconds.
pub const STEP_SECONDS: i64 = 30;
/// How many steps a code may be early or late.
pub const WINDOW: i64 = 1;
/// The number of digits of a code.
pub const DIGITS: usize = 6;
/// The number of bytes of a secret: the length of a SHA-1 hash (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;
/// The name of the product in authenticator apps.
const ISSUER: &str = "TryZore";

/// The step that `now` is in.
#[must_use]
pub const fn step(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP_SECONDS)
}

/// The code of `secret` in `step`.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    format!("{:0width$}", truncated(secret, step) % 1_000_000, width = DIGITS)
}

/// The dynamic truncation of RFC 4226, section 5.3: 31 bits.
fn truncated(secret: &[u8], step: i64) -> u32 {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[hash.len() - 1] & 0x0f);
    let four = hash.iter().skip(at).take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    four & 0x7fff_ffff
}

/// The step whose code `typed` is, if it is in the window around `now` and later than `last`, the last
/// accepted step. Every step of the window is compared, whether one has matched or not.
#[must_use]
pub fn accepted_step(secret: &[u8], typed: &str, last: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    let current = step(now);
    (current - WINDOW..=current + WINDOW)
        .filter(|step| last.is_none_or(|last| *step > last))
        .fold(None, |found, step| if is_equal(&code(secret, step), typed) { Some(step) } else { found })
}

fn is_equal(ours: &str, theirs: &str) -> bool {
    let differing = ours.bytes().zip(theirs.bytes()).fold(0, |bits, (a, b)| bits | (a ^ b));
    ours.len() == theirs.len() && differing == 0
}

/// `bytes` in base32 (RFC 4648) without padding, as people type a secret into an app.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = bytes.chunks(5).flat_map(|chunk| {
        let mut five = [0_u8; 8];
        five[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(five);
        let count = (chunk.len() * 8).div_ceil(5);
        (0..count).map(move |nth| char::from(LETTERS[(bits >> (35 - 5 * nth) & 31) as usize]))
    });
    letters.collect()
}

/// The URI that an app reads from a QR code, for the account `account`.
#[must_use]
pub fn otpauth_uri(secret: &[u8], account: &str) -> String {
    let label = format!("{ISSUER}:{}", percent_encoded(account));
    let (secret, digits) = (base32(secret), DIGITS);
    format!(
        "otpauth://totp/{label}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={digits}&period={STEP_SECONDS}"
    )
}

fn percent_encoded(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// Appendix B of RFC 6238 has eight digits; the last six are ours.
    #[test]
    fn aut_04_the_codes_are_those_of_rfc_6238() {
        for (seconds, eight) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(SECRET, step(at(seconds))) % 100_000_000, eight, "{seconds}");
            assert_eq!(code(SECRET, step(at(seconds))), format!("{:06}", eight % 1_000_000));
        }
    }

    #[test]
    fn a_code_is_accepted_one_step_early_and_one_step_late_and_no_more() {
        // The code of the step from 3,000 s to 3,030 s.
        let typed = code(SECRET, 100);
        for (milliseconds, is_accepted) in
            [(2_969_999, false), (2_970_000, true), (3_000_000, true), (3_059_999, true), (3_060_000, false)]
        {
            let now = DateTime::from_timestamp_millis(milliseconds).unwrap();
            let step = accepted_step(SECRET, &typed, None, now);
            assert_eq!(step, is_accepted.then_some(100), "{milliseconds} ms");
        }
    }

    #[test]
    fn a_step_counts_once() {
        let (typed, now) = (code(SECRET, 100), at(3_000));
        assert_eq!(accepted_step(SECRET, &typed, Some(99), now), Some(100));
        assert_eq!(accepted_step(SECRET, &typed, Some(100), now), None, "the same step");
        assert_eq!(accepted_step(SECRET, &typed, Some(101), now), None, "an earlier step");
        assert_eq!(accepted_step(SECRET, &code(SECRET, 101), Some(100), now), Some(101), "the next step");
    }

    #[test]
    fn a_code_has_six_digits() {
        let (typed, now) = (code(SECRET, 100), at(3_000));
        for wrong in ["", &typed[..5], &format!("{typed}0"), &format!(" {typed}")] {
            assert_eq!(accepted_step(SECRET, wrong, None, now), None, "{wrong}");
        }
    }

    /// Section 10 of RFC 4648.
    #[test]
    fn a_secret_is_typed_in_base32() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn an_app_reads_the_secret_and_the_account_from_one_uri() {
        assert_eq!(
            otpauth_uri(SECRET, "ada+gym@example.com"),
            "otpauth://totp/TryZore:ada%2Bgym%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=TryZore&algorithm=SHA1&digits=6&period=30"
        );
    }
}
