//! The mail that invites someone to join the staff (ONB-09).

use crate::{
    relay::Relay,
    stage::{nothing_is_left, with_worker},
};
use chrono::TimeDelta;
use tokio_postgres::Client;
use tryzore_kernel::{Journal, Problem, uuid_at};
use tryzore_rbac::{DomainEvent, Permit, SystemActor, catalogue::ManageStaff};
use tryzore_tenancy::domain_event::{InvitationDue, OfInvitation};
use tryzore_testkit::{Database, Service, TestTenant};

/// A studio that invites, and what its worker sends.
struct BookingContext {
    studio: TestTenant,
    relay: Relay,
    work: Client,
}

impl BookingContext {
    async fn open() -> Self {
        let studio = TestTenant::open_in(Database::own().await).await;
        let work = studio.database.client(Service::Work).await;
        Self { studio, relay: Relay::open().await, work }
    }

    /// Invites Eva, lets `late` pass before the worker comes to it, and has it work. The mail.
    async fn invite(&self, late: TimeDelta) -> String {
        let (studio, now) = (&self.studio, self.studio.now());
        let id = uuid_at(now);
        let pending = "INSERT INTO tenancy.invitations
                 (tenant_id, id, email, name, role_id, primary_organization_id, organization_ids,
                  reviewed_permissions, reviewed_scope, status, status_at, expires_at, created_at)
             VALUES ($1, $2, 'eva@example.com', 'Eva', $2, $3::uuid, ARRAY[$3::uuid], '{}', 'organization', 'pending', $4, $5, $4)";
        let expires_at = now + TimeDelta::days(7);
        studio
            .sql
            .execute(pending, &[&studio.tenant.uuid(), &id, &studio.main.uuid(), &now, &expires_at])
            .await
            .unwrap();
        let permit: Permit<ManageStaff> = Permit::system(studio.tenant, SystemActor::Seed);
        let due = OfInvitation { invitation: id.into(), organization: Some(studio.main) };
        let due = InvitationDue(due).published(now);
        let publish = async |tx: &mut tryzore_postgres::TenantTx| {
            tx.event_publish(due.clone());
            Ok::<_, Problem>(())
        };
        studio.db.tenant_tx(&permit, publish).await.unwrap();
        studio.clock.pass(late);
        with_worker(studio, &self.relay, async |_| nothing_is_left(studio).await).await;
        let mut mails = self.relay.mails();
        assert_eq!(mails.len(), 1);
        mails.remove(0).replace("=3D", "=")
    }

    /// The status of Eva's user, and what the links that are out for her are good for.
    async fn eva(&self) -> (String, Vec<String>) {
        let user = "SELECT status FROM identity.users WHERE email = 'eva@example.com'";
        let open = "SELECT purpose FROM identity.one_time_tokens
                    WHERE email = 'eva@example.com' AND spent_at IS NULL";
        let links = self.work.query(open, &[]).await.unwrap();
        let status = self.work.query_one(user, &[]).await.unwrap().get(0);
        (status, links.iter().map(|row| row.get(0)).collect())
    }

    /// How many events say `secret`.
    async fn told(&self, secret: &str) -> i64 {
        let told = "SELECT count(*) FROM runtime.outbox WHERE payload::text LIKE '%' || $1 || '%'";
        self.work.query_one(told, &[&secret]).await.unwrap().get(0)
    }
}

/// The token in `mail`, and the proof after it if there is one.
fn tokens(mail: &str) -> (String, Option<String>) {
    let (_, rest) = mail.split_once("https://app.example.com/invitation#token=").unwrap();
    let is_of_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let token: String = rest.chars().take_while(is_of_token).collect();
    let proof = rest[token.len()..].strip_prefix("&proof=");
    let proof = proof.map(|rest| rest.chars().take_while(is_of_token).collect());
    (token, proof)
}

#[tokio::test]
async fn onb_09_someone_new_gets_a_link_that_is_nowhere_else_and_the_proof_that_chooses_a_password() {
    let desk = BookingContext::open().await;
    let mail = desk.invite(TimeDelta::minutes(1)).await;
    assert!(mail.contains("Subject: Join the team of Main") && mail.contains("7 days"), "{mail}");
    assert!(mail.contains("Follow the link and choose a password"), "{mail}");
    assert!(!mail.contains("Eva"), "the inviter chose the name: {mail}");
    let (token, proof) = tokens(&mail);
    let (secret, proof) = (token.splitn(3, '_').nth(2).unwrap(), proof.unwrap());
    assert!(token.starts_with(&format!("tzi_{}_", desk.studio.tenant.uuid().simple())), "{token}");
    assert!(secret.len() == 43 && proof.len() >= 43, "{token} {proof}");
    assert_eq!((desk.told(secret).await, desk.told(&proof).await), (0, 0));
    assert_eq!(desk.eva().await, ("invited".to_owned(), vec!["invitation".to_owned()]));
    let linked = "SELECT count(*) FROM tenancy.invitations WHERE token_hash IS NOT NULL";
    assert_eq!(desk.studio.count(linked).await, 1);
}

#[tokio::test]
async fn onb_09_who_has_a_password_gets_the_invitation_alone() {
    let desk = BookingContext::open().await;
    let known =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                 VALUES (gen_random_uuid(), 'eva@example.com', now(), 'Eva', 'active', now(), now())";
    desk.studio.sql.execute(known, &[]).await.unwrap();
    let mail = desk.invite(TimeDelta::zero()).await;
    assert!(!mail.contains("password") && mail.contains("sign in as you do already"), "{mail}");
    assert_eq!(tokens(&mail).1, None);
    assert_eq!(desk.eva().await, ("active".to_owned(), vec![]));
}
