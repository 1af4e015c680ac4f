//! CMP-03: tampering is detected, and the tampered line or seal is named.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, prelude::*, sample::Index};
use tryzore_kernel::{OrganizationId, UserId};
use uuid::Uuid;

fn tenant() -> TenantId {
    Uuid::from_u128(1).into()
}

fn at() -> DateTime<Utc> {
    "2026-03-02T11:00:00.000001Z".parse().unwrap()
}

fn line(seq: i64) -> AuditLine {
    AuditLine {
        seq,
        id: Uuid::from_u128(100 + u128::try_from(seq).unwrap()).into(),
        actor: r#"{"type": "system", "system": "seed"}"#.into(),
        subject: None,
        action: "roles.edit".into(),
        target: Uuid::from_u128(7),
        organizations: vec![Uuid::from_u128(8).into()],
        details: r#"{"name": "Front desk"}"#.into(),
        ip_address: None,
        user_agent: None,
        at: at() + TimeDelta::seconds(seq),
    }
}

fn sealed(lines: &[AuditLine], batch: usize) -> Vec<Seal> {
    let mut head = Head::default();
    let seals = lines.chunks(batch).map(|lines| {
        let seal = Seal::over(tenant(), head, lines, at()).unwrap();
        head = seal.head();
        seal
    });
    seals.collect()
}

fn check(seals: &[Seal], lines: &[AuditLine]) -> Result<Head, Break> {
    verify(tenant(), seals, lines)
}

// Numbers with gaps, as transactions that were rolled back leave them.
fn trail() -> Vec<AuditLine> {
    [1, 2, 5, 6, 9, 10, 11].map(line).to_vec()
}

#[test]
fn an_untouched_trail_is_valid_with_gaps_and_with_unsealed_lines() {
    let lines = trail();
    let seals = sealed(&lines[..6], 2);
    let head = check(&seals, &lines).unwrap();
    assert_eq!((head.number, head.last), (3, 10));
    assert_eq!(check(&[], &[]), Ok(Head::default()));
}

#[test]
fn a_changed_line_is_named() {
    let (mut lines, seals) = (trail(), sealed(&trail(), 3));
    lines[3].details = r#"{"name": "Front Desk"}"#.into();
    assert_eq!(check(&seals, &lines), Err(Break::LineChanged { number: 2, seq: 6, id: lines[3].id }));
}

#[test]
fn a_deleted_line_is_named_wherever_it_was() {
    for gone in 0..trail().len() {
        let (mut lines, seals) = (trail(), sealed(&trail(), 3));
        let seq = lines.remove(gone).seq;
        let number = i64::try_from(gone / 3 + 1).unwrap();
        assert_eq!(check(&seals, &lines), Err(Break::LineMissing { number, seq }), "{gone}");
    }
}

#[test]
fn an_inserted_line_is_named_also_between_two_seals() {
    for (seq, number) in [(3, 1), (7, 2), (8, 2)] {
        let (mut lines, seals) = (trail(), sealed(&trail(), 3));
        lines.push(line(seq));
        lines.sort_by_key(|line| line.seq);
        let id = line(seq).id;
        assert_eq!(check(&seals, &lines), Err(Break::LineInserted { number, seq, id }), "{seq}");
    }
}

#[test]
fn a_seal_that_was_changed_removed_or_exchanged_is_named() {
    let (lines, seals) = (trail(), sealed(&trail(), 2));
    let tampered = |tamper: fn(&mut Vec<Seal>)| {
        let mut seals = seals.clone();
        tamper(&mut seals);
        check(&seals, &lines).unwrap_err()
    };
    assert_eq!(tampered(|seals| seals[1].hash[0] ^= 1), Break::SealChanged { number: 2 });
    assert_eq!(tampered(|seals| seals[1].previous[0] ^= 1), Break::SealChanged { number: 2 });
    assert_eq!(tampered(|seals| seals[1].entries[0].digest[0] ^= 1), Break::SealChanged { number: 2 });
    assert_eq!(
        tampered(|seals| seals[1].sealed_at += TimeDelta::microseconds(1)),
        Break::SealChanged { number: 2 }
    );
    assert_eq!(tampered(|seals| drop(seals.remove(1))), Break::SealMissing { number: 2 });
    assert_eq!(tampered(|seals| drop(seals.remove(0))), Break::SealMissing { number: 1 });
    assert_eq!(tampered(|seals| seals.swap(0, 1)), Break::SealMissing { number: 1 });
}

#[test]
fn changing_a_line_together_with_its_seal_breaks_the_next_seal() {
    let mut lines = trail();
    let mut seals = sealed(&lines, 2);
    lines[0].action = "roles.delete".into();
    seals[0] = Seal::over(tenant(), Head::default(), &lines[..2], at()).unwrap();
    assert_eq!(check(&seals, &lines), Err(Break::SealChanged { number: 2 }));
}

#[test]
fn a_valid_chain_must_contain_the_noted_seal() {
    let (lines, seals) = (trail(), sealed(&trail(), 2));
    let noted: Noted = check(&seals, &lines).unwrap().into();
    assert_eq!(noted.to_string().parse(), Ok(noted));
    let walk = |seals: &[Seal], lines: &[AuditLine]| {
        let mut chain = Chain::new(tenant()).expect(noted);
        for (seal, lines) in seals.iter().zip(lines.chunks(2)) {
            chain.check(seal, lines)?;
        }
        chain.finish()
    };
    assert!(walk(&seals, &lines).is_ok());
    // The newest seals removed, or the whole chain recomputed with a forged line.
    assert_eq!(walk(&seals[..3], &lines), Err(Break::NotAsNoted { number: 4 }));
    let mut forged = trail();
    forged[0].action = "roles.delete".into();
    assert_eq!(walk(&sealed(&forged, 2), &forged), Err(Break::NotAsNoted { number: 4 }));
    for text in ["", "4", "4:ab", "x:00", &noted.to_string().replace(':', ";")] {
        assert_eq!(text.parse::<Noted>(), Err(BadNote), "{text}");
    }
}

#[test]
fn the_same_line_has_another_digest_in_another_tenant() {
    let (lines, seals) = (trail(), sealed(&trail(), 2));
    let other = TenantId::from(Uuid::from_u128(2));
    assert_eq!(verify(other, &seals, &lines), Err(Break::SealChanged { number: 1 }));
}

// These bytes were computed independently from the documented format, which must not change.
#[test]
fn the_bytes_of_a_line_are_as_documented() {
    let line = AuditLine {
        subject: Some(UserId::from(Uuid::from_u128(9))),
        organizations: vec![
            OrganizationId::from(Uuid::from_u128(8)),
            OrganizationId::from(Uuid::from_u128(10)),
        ],
        user_agent: Some("curl/8".into()),
        ..line(3)
    };
    let hash: String = line.digest(tenant()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "89802aaa282104423aed6f298605c334ce3fd4ccea675fe0a4727c6f30be17f3");
}

proptest! {
    // Moving text from one field to the next results in other bytes.
    #[test]
    fn no_two_lines_have_the_same_bytes(
        a in ("[a-z\\PC]{0,6}", "[a-z\\PC]{0,6}", prop::option::of("[a-z]{0,3}"), prop::option::of("[a-z]{0,3}")),
        b in ("[a-z\\PC]{0,6}", "[a-z\\PC]{0,6}", prop::option::of("[a-z]{0,3}"), prop::option::of("[a-z]{0,3}")),
    ) {
        let with = |(action, details, ip_address, user_agent): (String, String, Option<String>, Option<String>)| {
            AuditLine { action, details, ip_address, user_agent, ..line(1) }
        };
        let (a, b) = (with(a), with(b));
        prop_assert_eq!(a == b, a.bytes(tenant()) == b.bytes(tenant()));
    }

    // However the lines were batched and whatever was done to one line, the check names that line.
    #[test]
    fn one_tampered_line_is_the_one_that_is_named(
        steps in vec(1_i64..4, 1..40), batch in 1_usize..8, pick in any::<Index>(), how in 0..3,
    ) {
        let mut seq = 0;
        let lines: Vec<_> = steps.iter().map(|step| { seq += step; line(seq) }).collect();
        let seals = sealed(&lines, batch);
        prop_assert_eq!(check(&seals, &lines).unwrap().last, seq);
        let (at, mut tampered) = (pick.index(lines.len()), lines.clone());
        let found = match how {
            0 => { tampered[at].ip_address = Some(String::new()); lines[at].seq }
            1 => tampered.remove(at).seq,
            _ => {
                let gap = lines[at].seq - 1;
                prop_assume!(gap > 0 && lines.iter().all(|line| line.seq != gap));
                tampered.insert(at, line(gap));
                gap
            }
        };
        let named = match check(&seals, &tampered).unwrap_err() {
            Break::LineChanged { seq, .. } | Break::LineMissing { seq, .. } | Break::LineInserted { seq, .. } => seq,
            other => panic!("{other}"),
        };
        prop_assert_eq!(named, found);
    }
}
