//! Tokens that our own key has signed, so that nothing but the part under test can make them invalid.

use super::*;
use tryzore_rbac::Slug;

/// A token with exactly these texts as header and payload, signed with our current key.
fn signed_text(keys: &Keys, header: &str, payload: &str) -> String {
    let ring = KeyRing::open(&keys.0, &sealing(&["a"])).unwrap();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &ring.current().signing, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

/// The payload of a valid token, with further members.
fn payload(members: &str) -> String {
    let mut claims = serde_json::to_value(claims()).unwrap();
    claims["iss"] = json!(settings().issuer);
    claims["aud"] = json!(settings().audience);
    let text = claims.to_string();
    format!("{}{members}}}", text.strip_suffix('}').unwrap())
}

fn verify(keys: &Keys, token: &str) -> Result<(), TokenError> {
    signer(keys).access_token_verify(token, NOW).map(drop)
}

#[test]
fn a_header_that_we_do_not_write_is_refused_although_we_signed_it() {
    use TokenError::{Kind, Malformed, UnknownKey};
    let keys = keys();
    let kid = &keys.0[0].kid;
    let cases = [
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}"#, Ok(())),
        // No algorithm, and others.
        (r#"{"alg":"none","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"None","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"NONE","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"nOnE","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"eddsa","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":null,"typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":["EdDSA"],"typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"HS512","typ":"at+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"RS256","typ":"at+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"PS256","typ":"at+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"ES256","typ":"at+jwt","kid":"KID"}"#, Err(Kind)),
        // Other types.
        (r#"{"alg":"EdDSA","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":null,"kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"JWT","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"AT+JWT","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"id+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"logout+jwt","kid":"KID"}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":1,"kid":"KID"}"#, Err(Malformed)),
        // Extensions that must be understood.
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":["exp"]}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":[]}"#, Err(Kind)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":"exp"}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":["b64"],"b64":false}"#, Err(Malformed)),
        // Names of keys.
        (r#"{"alg":"EdDSA","typ":"at+jwt"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":null}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":""}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"../../../../dev/null"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID/../KID"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID\u0000"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID "}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"x' OR 'a'='a"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"https://evil.example/KID"}"#, Err(UnknownKey)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":0}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":["KID"]}"#, Err(Malformed)),
        // A name that is there twice: two parsers may read different values.
        (r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","typ":"JWT","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"mine","kid":"KID"}"#, Err(Malformed)),
        (r#"{"alg":"none","\u0061lg":"EdDSA","typ":"at+jwt","kid":"KID"}"#, Err(Malformed)),
        // What is no object, or more than one.
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}{}"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}x"#, Err(Malformed)),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":"KID""#, Err(Malformed)),
        ("\u{feff}{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"KID\"}", Err(Malformed)),
        ("null", Err(Malformed)),
        (r#""EdDSA""#, Err(Malformed)),
        ("{}", Err(Malformed)),
        ("", Err(Malformed)),
    ];
    for (header, expected) in cases {
        let token = signed_text(&keys, &header.replace("KID", kid), &payload(""));
        assert_eq!(verify(&keys, &token), expected, "{header}");
    }
}

#[test]
fn a_key_that_the_header_brings_or_points_to_signs_nothing() {
    let (ours, theirs) = (keys(), keys());
    let jwk = serde_json::to_string(&signer(&theirs).key_set(NOW).keys[0]).unwrap();
    for member in [
        format!(r#""jwk":{jwk}"#),
        r#""jku":"https://evil.example/jwks.json""#.to_owned(),
        r#""x5u":"https://evil.example/chain.pem""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}",{member}}}"#, ours.0[0].kid);
        let forged = signed_text(&theirs, &header, &payload(""));
        let refused = verify(&ours, &forged);
        assert!(
            matches!(refused, Err(TokenError::Signature | TokenError::Malformed)),
            "{member}: {refused:?}"
        );
    }
}

#[test]
fn claims_that_we_do_not_write_are_refused_although_we_signed_them() {
    use TokenError::{Audience, Malformed, Times};
    let keys = keys();
    let header = serde_json::to_string(&Header { kid: Some(keys.0[0].kid.clone()), ..our_header() }).unwrap();
    let now = NOW.timestamp();
    let with = |name: &str, value: Value| {
        let mut claims: Value = serde_json::from_str(&payload("")).unwrap();
        claims[name] = value;
        claims.to_string()
    };
    let without = |name: &str| {
        let mut claims: Value = serde_json::from_str(&payload("")).unwrap();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims.to_string()
    };
    let cases = [
        (payload(""), Ok(())),
        (payload(r#","unknown":{"is":"ignored"}"#), Ok(())),
        // Twice: two parsers may read different values.
        (payload(r#","sub":"usr_00000000000000000000000000000000""#), Err(Malformed)),
        (payload(r#","aud":"tryzore""#), Err(Malformed)),
        (payload(r#","exp":9999999999"#), Err(Malformed)),
        (payload(r#","sid":"ses_00000000000000000000000000000000""#), Err(Malformed)),
        (format!("{}{{}}", payload("")), Err(Malformed)),
        ("[]".into(), Err(Malformed)),
        ("null".into(), Err(Malformed)),
        (String::new(), Err(Malformed)),
        // Times that are no whole seconds, missing, or beyond every calendar.
        (with("exp", json!((now + 60).to_string())), Err(Malformed)),
        (with("exp", json!(now as f64 + 60.5)), Err(Malformed)),
        (with("exp", json!(-1)), Err(Malformed)),
        (with("exp", json!(u64::MAX)), Err(Malformed)),
        (with("exp", json!(i64::MAX)), Err(Times)),
        (with("exp", Value::Null), Err(Malformed)),
        (without("exp"), Err(Malformed)),
        (with("iat", json!(i64::MIN)), Err(Times)),
        (with("iat", json!(now + 31)), Err(Times)),
        (without("iat"), Err(Malformed)),
        // Not valid before the year 2200.
        (with("nbf", json!(7_258_118_400_u64)), Err(Times)),
        (with("nbf", json!("tomorrow")), Err(Malformed)),
        (with("nbf", json!(1_000_000_000)), Ok(())),
        // Issuers and audiences of other shapes.
        (with("aud", json!([])), Err(Audience)),
        (with("aud", json!(["tryzore-staging"])), Err(Audience)),
        (with("aud", json!("Tryzore")), Err(Audience)),
        (with("aud", json!("")), Err(Audience)),
        (with("aud", json!(7)), Err(Audience)),
        (with("aud", json!({ "tryzore": true })), Err(Audience)),
        (with("iss", json!("https://api.example.com/")), Err(Audience)),
        (with("iss", json!("https://api.example.com.evil.example")), Err(Audience)),
        (with("iss", json!(null)), Err(Audience)),
        (without("sub"), Err(Malformed)),
        (with("sub", json!("somebody")), Err(Malformed)),
        (with("sid", json!("../session")), Err(Malformed)),
    ];
    for (claims, expected) in cases {
        assert_eq!(verify(&keys, &signed_text(&keys, &header, &claims)), expected, "{claims}");
    }
}

#[test]
fn a_valid_token_in_another_writing_is_refused() {
    let keys = keys();
    let token = sign(&signer(&keys), &claims());
    assert_eq!(verify(&keys, &token), Ok(()));
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let last = signature.chars().last().unwrap();
    // Sixty-four bytes are 85 characters and two bits: the other four bits of the last character must be zero.
    assert_eq!((signature.len(), "AQgw".contains(last)), (86, true));
    let sloppy = char::from(last as u8 + 1);
    let json = json!({ "payload": claims, "protected": header, "signature": signature });
    for (other, what) in [
        (format!("{token}="), "padding"),
        (format!("{token}=="), "padding"),
        (format!("{header}=.{claims}.{signature}"), "padding of the header"),
        (format!("{header}.{claims}.{}{sloppy}", &signature[..85]), "bits that mean nothing"),
        (format!("{header}.{claims}.{}", &signature[..85]), "a truncated signature"),
        (format!("{header}.{claims}.{signature}AA"), "a longer signature"),
        (format!("{header}.{claims}."), "no signature"),
        (format!("{header}.{claims}"), "two parts"),
        (format!("{header}..{signature}"), "no claims"),
        (format!(".{claims}.{signature}"), "no header"),
        ("..".into(), "nothing in three parts"),
        (format!("{token}."), "a fourth part"),
        (format!("{token}.{signature}"), "two signatures"),
        (format!("{token}.{token}"), "two tokens"),
        (format!("{token},{token}"), "a list"),
        (format!(".{token}"), "a part before"),
        (format!(" {token}"), "a space before"),
        (format!("{token}\n"), "a line"),
        (format!("{token}\0"), "a zero"),
        (token.replace('.', ".\r\n"), "folded lines"),
        (token.replace('.', "%2E"), "percent encoding"),
        (format!("Bearer {token}"), "the scheme"),
        (format!("{claims}.{header}.{signature}"), "the parts in another order"),
        (json.to_string(), "the JSON serialization"),
    ] {
        assert!(verify(&keys, &other).is_err(), "{what}");
    }
}

#[test]
fn a_token_that_is_longer_than_ours_can_be_is_not_read() {
    let keys = keys();
    let header = serde_json::to_string(&Header { kid: Some(keys.0[0].kid.clone()), ..our_header() }).unwrap();
    let padded =
        |more: usize| signed_text(&keys, &header, &payload(&format!(r#","pad":"{}""#, "x".repeat(more))));
    let about = (LENGTH_MAX - padded(0).len()) * 3 / 4;
    let (longer, longest): (Vec<_>, Vec<_>) =
        (about - 4..about + 4).map(padded).partition(|token| token.len() > LENGTH_MAX);
    let longest = longest.into_iter().max_by_key(String::len).unwrap();
    let longer = longer.into_iter().min_by_key(String::len).unwrap();
    assert!(longer.len() - longest.len() <= 2, "base64 has no text of every length");
    assert_eq!(verify(&keys, &longest), Ok(()));
    assert_eq!(verify(&keys, &longer), Err(TokenError::Malformed));
    for part in 0..3 {
        let mut parts: Vec<String> = longest.split('.').map(str::to_owned).collect();
        parts[part] = parts[part].repeat(1_000_000 / parts[part].len());
        assert_eq!(verify(&keys, &parts.join(".")), Err(TokenError::Malformed), "a megabyte in part {part}");
    }
}

#[test]
fn our_longest_token_has_less_than_half_of_the_length_that_is_read() {
    let signer = signer(&keys());
    let location = OrganizationId::generate(NOW);
    let widest = Claims {
        available_org_ids: vec![location; tryzore_auth::claims::LISTED],
        permissions: Slug::ALL.iter().map(|slug| slug.as_str().to_owned()).collect(),
        ..claims()
    };
    assert!(sign(&signer, &widest).len() < LENGTH_MAX / 2);
}
