//! Signatures that are made from a valid one, or that are valid for careless verifiers only.

use super::*;
use jsonwebtoken::{DecodingKey, crypto};

/// The order of the group, L = 2^252 + 27742317777372353535851937790883648493, in little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// `signature` with L added to its S: the same number modulo L, so that the equation of the signature holds.
fn plus_order(mut signature: Vec<u8>) -> Vec<u8> {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_eq!(carry, 0, "the sum fits into S");
    signature
}

#[test]
fn nobody_makes_a_second_token_of_a_valid_one() {
    let signer = signer(&keys());
    let token = sign(&signer, &claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for times in 1..=7 {
        signature = plus_order(signature);
        let second = format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature));
        assert_eq!(signer.access_token_verify(&second, NOW), Err(TokenError::Signature), "S + {times} L");
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

// The vectors are from Project Wycheproof, `testvectors_v1/ed25519_test.json` (Apache License 2.0): the number of
// the test, the message and the signature. Those that are left out differ from these in the bit that is changed.

/// The public key of the vectors.
const KEY: &str = "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa";
/// The signature that most of the others are made of.
const VALID: (&str, &str) = (
    "54657374",
    "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d",
);
const INVALID: [(u32, &str, &str); 22] = [
    // special values for r and s
    (
        10,
        "3f",
        "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ),
    // special values for r and s
    (
        12,
        "3f",
        "0000000000000000000000000000000000000000000000000000000000000000ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    ),
    // special values for r and s
    (
        13,
        "3f",
        "0000000000000000000000000000000000000000000000000000000000000000edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    ),
    // special values for r and s
    (
        14,
        "3f",
        "0000000000000000000000000000000000000000000000000000000000000000edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    // special values for r and s
    (
        17,
        "3f",
        "0100000000000000000000000000000000000000000000000000000000000000ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    ),
    // special values for r and s
    (
        22,
        "3f",
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    ),
    // special values for r and s
    (
        25,
        "3f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000",
    ),
    // special values for r and s
    (
        29,
        "3f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7fedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    // signature too long
    (
        33,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d2020",
    ),
    // prepending 0 byte to s
    (
        36,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0007a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d",
    ),
    // modified bit 255 in R
    (
        59,
        "313233343030",
        "657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281cab227aedf259f910f0f3a759a335062665217925d019173b88917eae294f75d40f",
    ),
    // R==0
    (
        60,
        "313233343030",
        "0000000000000000000000000000000000000000000000000000000000000000e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02",
    ),
    // invalid R
    (
        61,
        "313233343030",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff463a1908382e7eb7693acef9884f7cf931a215e0791876be22c631a59881fd0e",
    ),
    // all bits flipped in R
    (
        62,
        "313233343030",
        "9a83eb6dbfd54a31fc1d3c580fc7b2fae4630ca8f0edf803873e433673d7e3d40e94254586cb6188c5386c3febed477cb9a6cb29e3979adc4cb27cf5278fb70a",
    ),
    // the encoded s was replaced by s + L
    (
        63,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab067654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d",
    ),
    // the encoded s was replaced by s + 2L
    (
        64,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab05439412b5395d42f462c67008eba6ca839d4eef676573336a5c51eb6f946b32d",
    ),
    // the encoded s was replaced by s + 4L
    (
        65,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab02ee12ce5875bf9dff26556464bae2ad239d4eef676573336a5c51eb6f946b34d",
    ),
    // the encoded s was replaced by s + 8L
    (
        66,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0e2300459f1e742404cd934d2c595a6253ad4eef676573336a5c51eb6f946b38d",
    ),
    // the encoded s was replaced by s + 2^253
    (
        67,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b32d",
    ),
    // the encoded s was replaced by s + 2^254
    (
        68,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b34d",
    ),
    // the encoded s was replaced by s + 2^255
    (
        69,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d",
    ),
    // the encoded s was replaced by s + p where p is the field prime 2^255 - 19
    (
        70,
        "54657374",
        "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0679155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d",
    ),
];
/// The S of this signature is only just above L: a verifier that compares the highest bits alone accepts it.
const BARELY: (&str, &str, &str) = (
    "100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86",
    "6a0bc2b0057cedfc0fa2e3f7f7d39279b30f454a69dfd1117c758d86b19d85e0",
    "0971f86d2c9c78582524a103cb9cf949522ae528f8054dc20107d999be673ff4e25ebf2f2928766b1248bec6e91697775f8446639ede46ad4df4053000000010",
);

#[test]
fn the_verifier_of_tokens_refuses_the_signatures_of_wycheproof() {
    let verify = |key: &str, message: &str, signature: &str| {
        let key = DecodingKey::from_ed_der(&hex(key));
        let signature = URL_SAFE_NO_PAD.encode(hex(signature));
        crypto::verify(&signature, &hex(message), &key, Algorithm::EdDSA).is_ok_and(|is_valid| is_valid)
    };
    assert!(verify(KEY, VALID.0, VALID.1));
    for (test, message, signature) in INVALID {
        assert!(!verify(KEY, message, signature), "test {test}");
    }
    assert!(!verify(BARELY.0, BARELY.1, BARELY.2), "test 85");
}

#[test]
fn the_example_of_rfc_8037_appendix_a_4_verifies_and_is_no_access_token() {
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let key = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    assert!(crypto::verify(signature, message.as_bytes(), &key, Algorithm::EdDSA).unwrap());
    let told = signer(&keys()).access_token_verify(&format!("{message}.{signature}"), NOW);
    assert_eq!(told, Err(TokenError::Kind));
}
