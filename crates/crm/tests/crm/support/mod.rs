//! A transaction in memory that keeps the contracts of the ports, for the tests of use cases.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

pub mod import;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use std::collections::BTreeMap;
use tryzore_crm::{
    Client, ClientBatches, Clients, ConsentEntry, ConsentLedger, NewUser, Users,
    consent::{ConsentPurpose, ConsentText},
    import::{ImportJob, ImportOptions, ImportState, Imports, RefusedRow},
};
use tryzore_kernel::{
    AuditEntry, ClientId, ConsentId, Decision, Email, ImportId, Journal, Limit, OrganizationId, Page, Phone,
    Published, RoleId, SessionId, StoreResult, TenantId, UserId,
};
use tryzore_rbac::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Permission, Permit, Scope, SystemActor,
};

#[derive(Default, Clone)]
pub struct Memory {
    pub clients: BTreeMap<ClientId, Client>,
    pub users: Vec<(UserId, NewUser)>,
    pub imports: BTreeMap<ImportId, ImportJob>,
    pub refused: BTreeMap<u32, RefusedRow>,
    pub consents: Vec<ConsentEntry>,
    pub texts: Vec<ConsentText>,
    pub events: Vec<Published>,
    pub decisions: Vec<Decision>,
    pub audit: Vec<AuditEntry>,
}

pub fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_778)
}

/// 2026-11-21
pub fn today() -> NaiveDate {
    now().date_naive()
}

pub fn permit<P: Permission>() -> Permit<P> {
    Permit::system(TenantId::generate(now()), SystemActor::Importer)
}

/// Someone who may do everything with clients at `organization`, and nothing elsewhere.
pub fn staff_of<P: Permission>(organization: OrganizationId) -> Permit<P> {
    holder_of("clients.*", organization)
}

/// Someone who changes the settings of `organization`, and nothing elsewhere.
pub fn settings_of<P: Permission>(organization: OrganizationId) -> Permit<P> {
    holder_of("settings.*", organization)
}

fn holder_of<P: Permission>(patterns: &str, organization: OrganizationId) -> Permit<P> {
    let tree = [1, 2].map(|n| OrganizationNode {
        organization: OrganizationId::from(uuid::Uuid::from_u128(n)),
        parent: None,
    });
    let assignment = Assignment {
        role: RoleId::generate(now()),
        name: "Manager".into(),
        patterns: vec![patterns.parse().unwrap()],
        scope: Scope::Organization(organization),
        expires_at: None,
    };
    let holdings = Holdings { tree: tree.into(), assignments: vec![assignment], ..Holdings::default() };
    let user = UserId::generate(now());
    let actor = Actor::User { user, session: SessionId::generate(now()) };
    Grants::compile(actor, TenantId::generate(now()), Some(organization), &holdings).permit().unwrap()
}

/// Someone who signed in and is perhaps a client.
pub fn client_permit<P: Permission>(user: UserId) -> Permit<P> {
    let actor = Actor::User { user, session: SessionId::generate(now()) };
    let holdings = Holdings { is_client: true, ..Holdings::default() };
    Grants::compile(actor, TenantId::generate(now()), None, &holdings).permit().unwrap()
}

pub fn organization() -> OrganizationId {
    OrganizationId::from(uuid::Uuid::from_u128(1))
}

pub fn options() -> ImportOptions {
    ImportOptions::new(tryzore_crm::Country::ITALY)
}

impl Memory {
    pub fn events_of(&self, kind: &str) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    fn is_free(&self, client: &Client) -> bool {
        !self.clients.values().any(|other| {
            other.user == client.user
                || (client.contact.email().is_some() && other.contact.email() == client.contact.email())
        })
    }
}

impl Clients for Memory {
    async fn client_find(&mut self, id: ClientId) -> StoreResult<Option<Client>> {
        Ok(self.clients.get(&id).cloned())
    }
    async fn client_visits(&mut self, _: ClientId, _: Vec<OrganizationId>) -> StoreResult<bool> {
        Ok(false)
    }
    async fn client_lock(&mut self, id: ClientId) -> StoreResult<Option<Client>> {
        Ok(self.clients.get(&id).cloned())
    }
    async fn client_find_by_email(&mut self, email: &Email) -> StoreResult<Option<Client>> {
        Ok(self.clients.values().find(|client| client.contact.email() == Some(email)).cloned())
    }
    async fn client_find_by_user(&mut self, user: UserId) -> StoreResult<Option<Client>> {
        Ok(self.clients.values().find(|client| client.user == user).cloned())
    }
    async fn clients_by_phone(&mut self, phone: &Phone) -> StoreResult<Vec<Client>> {
        Ok(self
            .clients
            .values()
            .filter(|client| client.contact.phone() == Some(phone))
            .take(20)
            .cloned()
            .collect())
    }
    async fn client_insert(&mut self, client: &Client) -> StoreResult<bool> {
        let free = self.is_free(client);
        if free {
            self.clients.insert(client.id, client.clone());
        }
        Ok(free)
    }
    async fn client_update(&mut self, client: &Client) -> StoreResult<bool> {
        let present = self.clients.get(&client.id).is_some_and(|kept| kept.version == client.version - 1);
        if present {
            self.clients.insert(client.id, client.clone());
        }
        Ok(present)
    }
}

impl ConsentLedger for Memory {
    async fn consents_append(&mut self, entries: &[ConsentEntry]) -> StoreResult<()> {
        for entry in entries {
            let position = i64::try_from(self.consents.len()).unwrap() + 1;
            self.consents.push(ConsentEntry { position, ..entry.clone() });
        }
        Ok(())
    }
    async fn consents_newest(&mut self, client: ClientId) -> StoreResult<Vec<ConsentEntry>> {
        Ok(self.consents.iter().filter(|entry| entry.client == client).cloned().collect())
    }
    async fn consents_page(
        &mut self,
        client: ClientId,
        _: Option<ConsentId>,
        limit: Limit,
    ) -> StoreResult<Page<ConsentEntry>> {
        let of = self.consents.iter().rev().filter(|entry| entry.client == client).cloned().collect();
        Ok(Page::from_rows(of, limit, |entry| entry.id))
    }
    async fn consent_location_exists(&mut self, at: OrganizationId) -> StoreResult<bool> {
        Ok(self.consent_locations().await?.contains(&at))
    }
    async fn consent_texts(&mut self) -> StoreResult<Vec<ConsentText>> {
        Ok(self.texts.clone())
    }
    async fn consent_text_lock(&mut self, purpose: ConsentPurpose) -> StoreResult<Option<ConsentText>> {
        Ok(self.texts.iter().find(|text| text.purpose == purpose).cloned())
    }
    async fn consent_text_insert(&mut self, text: &ConsentText, _: Option<UserId>) -> StoreResult<()> {
        self.texts.retain(|other| other.purpose != text.purpose);
        self.texts.push(text.clone());
        Ok(())
    }
    async fn consent_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        Ok([1, 2].map(|n| OrganizationId::from(uuid::Uuid::from_u128(n))).to_vec())
    }
}

impl ClientBatches for Memory {
    async fn clients_by_contact(&mut self, emails: &[Email], phones: &[Phone]) -> StoreResult<Vec<Client>> {
        let has = |client: &&Client| {
            client.contact.email().is_some_and(|e| emails.binary_search(e).is_ok())
                || client.contact.phone().is_some_and(|p| phones.binary_search(p).is_ok())
        };
        Ok(self.clients.values().filter(has).cloned().collect())
    }
    async fn clients_insert(&mut self, clients: &[Client]) -> StoreResult<Vec<ClientId>> {
        let mut emails: std::collections::BTreeSet<_> =
            self.clients.values().filter_map(|c| c.contact.email().cloned()).collect();
        let mut users: std::collections::BTreeSet<_> = self.clients.values().map(|c| c.user).collect();
        let mut added = Vec::new();
        for client in clients {
            if users.contains(&client.user)
                || client.contact.email().is_some_and(|email| emails.contains(email))
            {
                continue;
            }
            users.insert(client.user);
            emails.extend(client.contact.email().cloned());
            self.clients.insert(client.id, client.clone());
            added.push(client.id);
        }
        Ok(added)
    }
    async fn clients_update(&mut self, clients: &[Client]) -> StoreResult<()> {
        for client in clients {
            let before = self.clients.insert(client.id, client.clone()).expect("locked before");
            assert_eq!(before.version + 1, client.version);
        }
        Ok(())
    }
}

impl Users for Memory {
    async fn user_ensure(&mut self, user: &NewUser) -> StoreResult<UserId> {
        let known = |(_, other): &&(UserId, NewUser)| {
            user.contact.email().is_some() && other.contact.email() == user.contact.email()
        };
        if let Some((id, _)) = self.users.iter().find(known) {
            return Ok(*id);
        }
        let id = UserId::generate(now());
        self.users.push((id, user.clone()));
        Ok(id)
    }
    async fn users_ensure(&mut self, users: &[NewUser]) -> StoreResult<Vec<UserId>> {
        let mut ids = Vec::new();
        for user in users {
            ids.push(self.user_ensure(user).await?);
        }
        Ok(ids)
    }
}

impl Imports for Memory {
    async fn import_insert(&mut self, job: &ImportJob) -> StoreResult<()> {
        self.imports.insert(job.id, job.clone());
        Ok(())
    }
    async fn imports_open(&mut self, organization: OrganizationId) -> StoreResult<u32> {
        let open = |job: &&ImportJob| {
            job.organization == organization
                && !matches!(job.state, ImportState::Finished { .. } | ImportState::Failed { .. })
        };
        Ok(u32::try_from(self.imports.values().filter(open).count()).unwrap())
    }
    async fn import_find(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>> {
        Ok(self.imports.get(&id).cloned())
    }
    async fn import_lock(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>> {
        Ok(self.imports.get(&id).cloned())
    }
    async fn import_progress(&mut self, job: &ImportJob) -> StoreResult<()> {
        // What is kept comes back as it was.
        let kept: ImportJob = serde_json::from_value(serde_json::to_value(job).unwrap()).unwrap();
        assert_eq!(&kept, job);
        self.imports.insert(job.id, kept);
        Ok(())
    }
    async fn import_delete(&mut self, id: ImportId) -> StoreResult<()> {
        self.imports.remove(&id);
        self.refused.clear();
        Ok(())
    }
    async fn import_refused_insert(&mut self, _: ImportId, rows: &[RefusedRow]) -> StoreResult<()> {
        self.refused.extend(rows.iter().map(|row| (row.number, row.clone())));
        Ok(())
    }
    async fn import_refused_clear(&mut self, _: ImportId) -> StoreResult<()> {
        self.refused.clear();
        Ok(())
    }
    async fn import_refused_list(
        &mut self,
        _: ImportId,
        after: u32,
        limit: u32,
    ) -> StoreResult<Vec<RefusedRow>> {
        Ok(self.refused.range(after + 1..).take(limit as usize).map(|(_, row)| row.clone()).collect())
    }
}

impl Journal for Memory {
    fn event_publish(&mut self, event: Published) {
        self.events.push(event);
    }
    fn decision_record(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
    fn audit_append(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}
