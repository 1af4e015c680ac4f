use super::*;
use crate::{
    rotation::{ROTATE_EVERY, rotate_when_due},
    testing::{Keys, NOW, sealing},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::executor::block_on;
use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tryzore_kernel::{OrganizationId, SessionId, TenantId, UserId};

fn settings() -> TokenSettings {
    TokenSettings { issuer: "https://api.example.com".into(), audience: "tryzore".into() }
}

fn keys() -> Keys {
    let mut keys = Keys::default();
    block_on(rotate_when_due(&mut keys, &sealing(&["a"]), ROTATE_EVERY, NOW)).unwrap();
    keys
}

fn signer(keys: &Keys) -> JwtSigner {
    JwtSigner::new(KeyRing::open(&keys.0, &sealing(&["a"])).unwrap(), settings())
}

fn claims() -> Claims {
    let user = UserId::generate(NOW);
    let organization = OrganizationId::generate(NOW);
    Claims {
        sub: user,
        user_id: user,
        sid: SessionId::generate(NOW),
        tenant_id: TenantId::generate(NOW),
        org_id: Some(organization),
        owner_account_id: None,
        available_org_ids: vec![organization],
        available_org_count: 1,
        permissions: vec!["events.create".into()],
        factor_at: None,
        act: None,
        iat: NOW.timestamp(),
        exp: NOW.timestamp() + 3600,
        jti: uuid::Uuid::nil(),
    }
}

fn sign(signer: &JwtSigner, claims: &Claims) -> String {
    signer.access_token_sign(claims).unwrap().expose_secret().to_owned()
}

/// The token with a changed header and the original signature.
fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    change(&mut header);
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// Our claims after `change`, signed with our own current key.
fn signed_by_us(keys: &Keys, header: &Header, change: impl FnOnce(&mut Value)) -> String {
    let ring = KeyRing::open(&keys.0, &sealing(&["a"])).unwrap();
    let mut claims = serde_json::to_value(claims()).unwrap();
    claims["iss"] = json!(settings().issuer);
    claims["aud"] = json!(settings().audience);
    change(&mut claims);
    let header = Header { kid: Some(ring.current().kid.clone()), ..header.clone() };
    encode(&header, &claims, &ring.current().signing).unwrap()
}

fn our_header() -> Header {
    Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) }
}

#[test]
fn contains_the_signed_claims_aut_02() {
    let signer = signer(&keys());
    let token = sign(&signer, &claims());
    assert_eq!(signer.access_token_verify(&token, NOW), Ok(claims_like(&token)));
    let payload = token.split('.').nth(1).unwrap();
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!((&payload["iss"], &payload["aud"]), (&json!("https://api.example.com"), &json!("tryzore")));
    let header = decode_header(&token).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::EdDSA, Some("at+jwt")));
}

/// The claims in `token`, not verified.
fn claims_like(token: &str) -> Claims {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn expires_half_a_minute_after_its_hour() {
    let signer = signer(&keys());
    let token = sign(&signer, &claims());
    let end = NOW + TimeDelta::seconds(3600 + 30);
    assert!(signer.access_token_verify(&token, end - TimeDelta::microseconds(1)).is_ok());
    assert_eq!(signer.access_token_verify(&token, end), Err(TokenError::Expired));
}

#[test]
fn is_refused_more_than_half_a_minute_before_it_was_issued() {
    let signer = signer(&keys());
    let token = sign(&signer, &claims());
    let start = NOW - TimeDelta::seconds(30);
    assert!(signer.access_token_verify(&token, start).is_ok());
    let before = start - TimeDelta::microseconds(1);
    assert_eq!(signer.access_token_verify(&token, before), Err(TokenError::Times));
}

#[test]
fn is_valid_for_at_most_an_hour_whoever_signed_it_aut_01() {
    let keys = keys();
    let verify = |life: i64| {
        let token = signed_by_us(&keys, &our_header(), |c| c["exp"] = json!(NOW.timestamp() + life));
        signer(&keys).access_token_verify(&token, NOW).map(|_| ())
    };
    assert_eq!(verify(3600), Ok(()));
    assert_eq!(verify(3601), Err(TokenError::Times));
    assert_eq!(verify(0), Err(TokenError::Times));
    assert_eq!(verify(i64::MAX - NOW.timestamp()), Err(TokenError::Times));
}

#[test]
fn no_other_algorithm_is_accepted() {
    let keys = keys();
    let signer = signer(&keys);
    let token = sign(&signer, &claims());
    for alg in ["none", "None", "NONE", ""] {
        let forged = with_header(&token, |header| header["alg"] = json!(alg));
        assert_eq!(signer.access_token_verify(&forged, NOW), Err(TokenError::Malformed), "{alg}");
        let unsigned = format!("{}.", forged.rsplit_once('.').unwrap().0);
        assert_eq!(signer.access_token_verify(&unsigned, NOW), Err(TokenError::Malformed), "{alg}");
    }
    // The oldest forgery: the public key as the secret of a MAC.
    let header = Header {
        typ: Some("at+jwt".into()),
        kid: Some(keys.0[0].kid.clone()),
        ..Header::new(Algorithm::HS256)
    };
    let mut payload = serde_json::to_value(claims()).unwrap();
    payload["iss"] = json!(settings().issuer);
    payload["aud"] = json!(settings().audience);
    let forged = encode(&header, &payload, &EncodingKey::from_secret(&keys.0[0].public)).unwrap();
    assert_eq!(signer.access_token_verify(&forged, NOW), Err(TokenError::Kind));
    let disguised = with_header(&forged, |header| header["alg"] = json!("EdDSA"));
    assert_eq!(signer.access_token_verify(&disguised, NOW), Err(TokenError::Signature));
}

#[test]
fn no_other_key_is_accepted() {
    let (ours, theirs) = (keys(), keys());
    let foreign = sign(&signer(&theirs), &claims());
    assert_eq!(signer(&ours).access_token_verify(&foreign, NOW), Err(TokenError::UnknownKey));
    let renamed = with_header(&foreign, |header| header["kid"] = json!(ours.0[0].kid));
    assert_eq!(signer(&ours).access_token_verify(&renamed, NOW), Err(TokenError::Signature));
    let nameless = with_header(&sign(&signer(&ours), &claims()), |header| {
        header.as_object_mut().unwrap().remove("kid");
    });
    assert_eq!(signer(&ours).access_token_verify(&nameless, NOW), Err(TokenError::UnknownKey));
    // A key in the header is ignored.
    let brought = with_header(&foreign, |header| {
        let jwk = signer(&theirs).key_set(NOW).keys.remove(0);
        header["jwk"] = serde_json::to_value(jwk).unwrap();
    });
    assert_eq!(signer(&ours).access_token_verify(&brought, NOW), Err(TokenError::UnknownKey));
}

#[test]
fn no_other_kind_issuer_or_audience_is_accepted() {
    let keys = keys();
    let verify = |token: &str| signer(&keys).access_token_verify(token, NOW).map(|_| ());
    assert_eq!(verify(&signed_by_us(&keys, &our_header(), |_| ())), Ok(()));
    let plain = Header { typ: Some("JWT".into()), ..our_header() };
    assert_eq!(verify(&signed_by_us(&keys, &plain, |_| ())), Err(TokenError::Kind));
    for claim in ["iss", "aud"] {
        let other = signed_by_us(&keys, &our_header(), |c| c[claim] = json!("https://evil.example"));
        assert_eq!(verify(&other), Err(TokenError::Audience), "{claim}");
        let none = signed_by_us(&keys, &our_header(), |c| drop(c.as_object_mut().unwrap().remove(claim)));
        assert_eq!(verify(&none), Err(TokenError::Audience), "{claim}");
    }
}

#[test]
fn old_tokens_stay_valid_after_a_rotation_until_they_expire() {
    let mut keys = keys();
    let signer = signer(&keys);
    let then = NOW + ROTATE_EVERY;
    // Another process signs with the old key until it reloads, ten minutes after the rotation.
    let late = then + TimeDelta::minutes(10);
    let last = Claims { iat: late.timestamp(), exp: late.timestamp() + 3600, ..claims() };
    let last = sign(&signer, &last);
    block_on(rotate_when_due(&mut keys, &sealing(&["a"]), ROTATE_EVERY, then)).unwrap();
    signer.ring_replace(KeyRing::open(&keys.0, &sealing(&["a"])).unwrap());
    let end = late + TimeDelta::seconds(3600 + 30);
    assert!(signer.access_token_verify(&last, end - TimeDelta::microseconds(1)).is_ok());
    assert_eq!(signer.access_token_verify(&last, end), Err(TokenError::UnknownKey));
    // The new key signs now, and was known before.
    let new = sign(&signer, &Claims { iat: then.timestamp(), exp: then.timestamp() + 3600, ..claims() });
    assert_ne!(decode_header(&new).unwrap().kid, decode_header(&last).unwrap().kid);
    assert!(signer.access_token_verify(&new, then).is_ok());
}

#[test]
fn a_process_that_has_not_reloaded_verifies_tokens_of_the_next_key() {
    let mut keys = keys();
    let behind = signer(&keys);
    let then = NOW + ROTATE_EVERY;
    block_on(rotate_when_due(&mut keys, &sealing(&["a"]), ROTATE_EVERY, then)).unwrap();
    let token =
        sign(&signer(&keys), &Claims { iat: then.timestamp(), exp: then.timestamp() + 3600, ..claims() });
    assert!(behind.access_token_verify(&token, then).is_ok());
}

proptest! {
    #[test]
    fn no_change_of_a_token_survives(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let signer = signer(&keys());
        let mut token = sign(&signer, &claims());
        let at = at.index(token.len());
        prop_assume!(token[at..=at] != to);
        token.replace_range(at..=at, &to);
        prop_assert!(signer.access_token_verify(&token, NOW).is_err());
    }

    #[test]
    fn garbage_is_refused_and_nothing_worse(text in ".{0,200}") {
        prop_assert!(signer(&keys()).access_token_verify(&text, NOW).is_err());
    }
}
