//! Which passwords are accepted: NIST SP 800-63B, section 5.1.1.2.
//!
//! A password has 8 to 128 characters of any kind. There are no rules about kinds of characters, because
//! they only make people write `Passw0rd!`. Passwords that attackers try first, repetitions of one
//! character, runs of characters and the address itself are refused. A password is normalized (NFKC) before
//! it is counted or hashed, so that an `é` is the same from every keyboard.

use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::Email;
use unicode_normalization::UnicodeNormalization;

/// The minimum length in characters.
pub const SHORTEST: usize = 8;
/// The maximum length in characters.
pub const LONGEST: usize = tryzore_auth::identity::PASSWORD_MAX;

/// Normalizes `password` to the form that is counted and hashed.
#[must_use]
pub fn normalize(password: &SecretString) -> SecretString {
    SecretString::from(password.expose_secret().nfkc().collect::<String>())
}

/// Checks that the normalized `password` may be chosen for `email`.
///
/// # Errors
/// The broken rule, as a text for the person.
pub fn check(password: &SecretString, email: &Email) -> Result<(), String> {
    let text = password.expose_secret();
    let length = text.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(format!("{SHORTEST} to {LONGEST} characters; this has {length}"));
    }
    let folded = text.to_lowercase();
    let local = email.as_str().split('@').next().unwrap_or_default();
    if folded == email.as_str() || folded == local {
        return Err("not your own address".to_owned());
    }
    if COMMON.contains(&&*folded) || is_run(&folded) {
        return Err("this is one of the first that attackers try; use a few words of your own".to_owned());
    }
    Ok(())
}

/// Whether all characters are the same, or each follows or precedes the one before: `aaaaaaaa`, `12345678`.
fn is_run(text: &str) -> bool {
    let points: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let step = match points.as_slice() {
        [first, second, ..] => second - first,
        _ => return true,
    };
    step.abs() <= 1 && points.windows(2).all(|pair| pair[1] - pair[0] == step)
}

/// The most frequent passwords of the public lists of leaked ones that are long enough.
const COMMON: &[&str] = &[
    "00112233",
    "11112222",
    "11223344",
    "12121212",
    "123123123",
    "12341234",
    "123456789a",
    "1234567890",
    "1234abcd",
    "123qweasd",
    "147258369",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qazxsw2",
    "22446688",
    "31415926",
    "789456123",
    "87654321",
    "88888888",
    "987654321",
    "9876543210",
    "a1b2c3d4",
    "abc12345",
    "abcd1234",
    "access14",
    "admin123",
    "administrator",
    "alexander",
    "america1",
    "asdf1234",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "baseball",
    "baseball1",
    "basketball",
    "benjamin",
    "blink182",
    "butterfly",
    "changeme",
    "charlie1",
    "chocolate",
    "christian",
    "computer",
    "computer1",
    "corvette",
    "creative",
    "danielle",
    "darkness",
    "december",
    "dolphins",
    "einstein",
    "elizabeth",
    "fitness1",
    "football",
    "football1",
    "football123",
    "forever1",
    "freedom1",
    "garfield",
    "gfhjkmrf",
    "greenday",
    "gymrat123",
    "hello123",
    "helloworld",
    "hercules",
    "iloveyou",
    "iloveyou1",
    "iloveyou2",
    "infinity",
    "internet",
    "jennifer",
    "jessica1",
    "johnson1",
    "jonathan",
    "jordan23",
    "juventus",
    "kawasaki",
    "lasvegas",
    "letmein1",
    "letmein123",
    "liverpool",
    "liverpool1",
    "login123",
    "lovelove",
    "marlboro",
    "maverick",
    "mercedes",
    "michael1",
    "michelle",
    "midnight",
    "monkey123",
    "motorola",
    "mustang1",
    "mypassword",
    "naruto123",
    "newyork1",
    "nicholas",
    "november",
    "p@ssw0rd",
    "p@ssword",
    "pa$$w0rd",
    "passpass",
    "password",
    "password!",
    "password1",
    "password1!",
    "password12",
    "password123",
    "password1234",
    "passw0rd",
    "patricia",
    "platinum",
    "playstation",
    "pokemon1",
    "princess",
    "princess1",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "qazwsx123",
    "qazwsxedc",
    "qwer1234",
    "qwerasdf",
    "qwert123",
    "qwerty12",
    "qwerty123",
    "qwerty1234",
    "qwertyui",
    "qwertyuiop",
    "rangers1",
    "realmadrid",
    "rockstar",
    "samantha",
    "samsung1",
    "savannah",
    "scorpion",
    "secret123",
    "september",
    "servicio",
    "shadow123",
    "simpsons",
    "slipknot",
    "snowball",
    "snickers",
    "softball",
    "starwars",
    "stephanie",
    "summer2024",
    "summer2025",
    "summer2026",
    "sunshine",
    "sunshine1",
    "superman",
    "superman1",
    "superstar",
    "swordfish",
    "teamo123",
    "test1234",
    "testtest",
    "trustno1",
    "tryzore1",
    "tryzore123",
    "valentina",
    "veronica",
    "victoria",
    "warcraft",
    "welcome1",
    "welcome123",
    "whatever",
    "william1",
    "winner123",
    "winston1",
    "winter2024",
    "winter2025",
    "winter2026",
    "xxxxxxxx",
    "yankees1",
    "zaq12wsx",
    "zxcvbnm1",
    "zxcvbnm123",
    "zxcvbnma",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check_for_ada(text: &str) -> Result<(), String> {
        let password = normalize(&SecretString::from(text.to_owned()));
        check(&password, &"ada.lovelace@example.com".parse().unwrap())
    }

    #[test]
    fn has_8_to_128_characters_of_any_kind() {
        for (length, taken) in [(7, false), (8, true), (128, true), (129, false)] {
            let text: String = "пароль мой, дом ".chars().cycle().take(length).collect();
            assert_eq!(check_for_ada(&text).is_ok(), taken, "{length}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for text in ["password", "PassWord123", "Qwertyuiop", "11111111", "12345678", "hgfedcba", "abcdefgh"]
        {
            assert!(check_for_ada(text).unwrap_err().contains("attackers"), "{text}");
        }
        assert!(check_for_ada("correct horse battery staple").is_ok());
        assert!(check_for_ada("13579bdf").is_ok(), "a step of two is no run");
    }

    #[test]
    fn is_not_the_address() {
        for text in ["ada.lovelace@example.com", "Ada.Lovelace"] {
            assert_eq!(check_for_ada(text), Err("not your own address".to_owned()));
        }
    }

    #[test]
    fn is_the_same_from_every_keyboard() {
        let composed = normalize(&SecretString::from("caf\u{e9} lungo".to_owned()));
        let combined = normalize(&SecretString::from("cafe\u{301} lungo".to_owned()));
        assert_eq!(composed.expose_secret(), combined.expose_secret());
    }
}
