//! What a batch of rows means for the clients that there are.
//!
//! Who is who: an e-mail address is one person. A phone number is the same person when the name
//! is alike and the two e-mail addresses don't differ; else it is someone else's number.
//! - Same address: what the file says replaces what is kept; what it leaves blank stays.
//! - Same number and name: the file only fills what is blank, because a name and a number prove
//!   less than an address. When it brings the address, it is as if that had been the same.
//! - No one: a new client.
//!
//! The address and the number by which a client is known here are added when there is none and
//! never replaced: they say who is who, here and in the next run of the file, and what is known
//! here may be newer than the file.
//!
//! **Invariants:** no field is ever emptied; a no to advertising never becomes a yes; a client of
//! another location is never changed, and not named to who imports here; each row is counted
//! once, as added, changed, unchanged or refused.

use super::{
    options::{ImportOptions, OnMatch},
    reason::{Caution, Reason},
    row::{Outcome, RefusedRow, Row, RowFault, Warning},
};
use crate::{Client, ClientDraft};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};

/// What a plan goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRules {
    /// The location that imports.
    pub organization: OrganizationId,
    /// What happens to clients who are there already.
    pub on_match: OnMatch,
    /// Whether people with different names may have one number.
    pub shared_phones: bool,
}

impl PlanRules {
    /// The rules of an import at `organization`.
    #[must_use]
    pub const fn new(organization: OrganizationId, options: &ImportOptions) -> Self {
        Self { organization, on_match: options.on_match, shared_phones: options.shared_phones }
    }
}

/// A client to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// The row.
    pub row: u32,
    /// Its cells, should it be refused in the end.
    pub cells: Vec<String>,
    /// The client.
    pub draft: ClientDraft,
}

/// A client to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The rows that changed it; mostly one.
    pub rows: Vec<u32>,
    /// The client as it is to be, one version on.
    pub client: Client,
    /// The fields that change.
    pub changed: Vec<&'static str>,
}

/// A row that says nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchanged {
    /// The row.
    pub row: u32,
    /// Who it is about.
    pub client: ClientId,
}

/// What a batch of rows means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchPlan {
    /// Clients to be added.
    pub inserts: Vec<Insert>,
    /// Clients to be changed.
    pub updates: Vec<Update>,
    /// Rows that say nothing new.
    pub unchanged: Vec<Unchanged>,
    /// Rows that are refused.
    pub refused: Vec<RefusedRow>,
    /// What is said of rows that are taken, with their numbers.
    pub warnings: Vec<(u32, Warning)>,
}

/// Every address and number of `rows`, for [`ClientBatches::clients_by_contact`].
///
/// [`ClientBatches::clients_by_contact`]: crate::ClientBatches::clients_by_contact
#[must_use]
pub fn contacts(rows: &[Row]) -> (Vec<Email>, Vec<Phone>) {
    let drafts = rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Ready(draft) => Some(&draft.contact),
        Outcome::Refused(_) => None,
    });
    let (emails, phones): (BTreeSet<_>, BTreeSet<_>) =
        drafts.map(|c| (c.email().cloned(), c.phone().cloned())).unzip();
    (emails.into_iter().flatten().collect(), phones.into_iter().flatten().collect())
}

/// What `rows` mean for the clients `existing`, who must be all those with an address or number of
/// the rows, oldest first.
#[must_use]
pub fn plan_batch(rows: Vec<Row>, existing: &[Client], rules: PlanRules) -> BatchPlan {
    let mut planning = Planning::new(existing, rules);
    for row in rows {
        match row.outcome {
            Outcome::Refused(faults) => {
                planning.plan.refused.push(RefusedRow { number: row.number, cells: row.cells, faults });
            }
            Outcome::Ready(draft) => planning.place(row.number, row.cells, *draft, row.warnings),
        }
    }
    planning.finish(existing)
}

/// How a row was told to be about a client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Email,
    PhoneAndName,
}

struct Planning {
    rules: PlanRules,
    /// The clients as they are after the rows so far.
    clients: Vec<Client>,
    by_email: HashMap<Email, usize>,
    /// Who has, or had before, a number; oldest first.
    by_phone: HashMap<Phone, Vec<usize>>,
    updated: BTreeMap<usize, Vec<u32>>,
    plan: BatchPlan,
}

impl Planning {
    fn new(existing: &[Client], rules: PlanRules) -> Self {
        let mut planning = Self {
            rules,
            clients: existing.to_vec(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
            updated: BTreeMap::new(),
            plan: BatchPlan::default(),
        };
        for (at, client) in existing.iter().enumerate() {
            planning.index(at, client);
        }
        planning
    }

    fn index(&mut self, at: usize, client: &Client) {
        if let Some(email) = client.contact.email() {
            self.by_email.insert(email.clone(), at);
        }
        if let Some(phone) = client.contact.phone() {
            let holders = self.by_phone.entry(phone.clone()).or_default();
            if !holders.contains(&at) {
                holders.push(at);
            }
        }
    }

    /// Who has the number by now.
    fn holders<'p>(&'p self, phone: &'p Phone) -> impl Iterator<Item = (usize, &'p Client)> {
        let places = self.by_phone.get(phone).into_iter().flatten();
        let clients = places.filter_map(|at| self.clients.get(*at).map(|client| (*at, client)));
        clients.filter(move |(_, client)| client.contact.phone() == Some(phone))
    }

    fn place(&mut self, row: u32, cells: Vec<String>, draft: ClientDraft, mut warnings: Vec<Warning>) {
        let same_email = draft.contact.email().and_then(|email| self.by_email.get(email)).copied();
        let found = match same_email {
            Some(at) => Some((at, Match::Email)),
            None => self.same_phone_and_name(&draft).map(|at| (at, Match::PhoneAndName)),
        };
        if let Some((at, how)) = found {
            return self.compare(row, cells, draft, warnings, at, how);
        }
        if let Some(other) = self.phone_holder(&draft, None) {
            if !self.rules.shared_phones {
                let detail = format!("{} has the same phone number", self.called(other));
                let code = Reason::SamePhone;
                return self.plan.refused.push(RefusedRow {
                    number: row,
                    cells,
                    faults: vec![fault(code, detail)],
                });
            }
            let detail = format!("{} has the same phone number", self.called(other));
            warnings.push(Warning { code: Caution::PhoneShared, detail });
        }
        self.warn(row, warnings);
        self.plan.inserts.push(Insert { row, cells, draft });
    }

    fn compare(
        &mut self,
        row: u32,
        cells: Vec<String>,
        draft: ClientDraft,
        mut warnings: Vec<Warning>,
        at: usize,
        how: Match,
    ) {
        let Some(client) = self.clients.get(at) else { return };
        let id = client.id;
        let is_elsewhere = client.home_organization != self.rules.organization;
        if client.is_archived() {
            let detail = format!("{} is archived; restore that client first", self.called(client));
            let faults = vec![fault(Reason::ClientArchived, detail)];
            return self.plan.refused.push(RefusedRow { number: row, cells, faults });
        }
        let mut to = client.clone();
        if is_elsewhere {
            let detail = "this person is a client of another location, which keeps the data".to_owned();
            warnings.push(Warning { code: Caution::OtherLocation, detail });
        } else if self.rules.on_match == OnMatch::Update {
            if let Some(warning) = self.phone_warning(client, &draft, at) {
                warnings.push(warning);
            } else if let (Some(phone), None) = (draft.contact.phone(), to.contact.phone()) {
                to.contact = to.contact.with_phone(phone.clone());
            }
            merge(&mut to, draft, how, &mut warnings);
        }
        if client.differs(&to).is_empty() {
            self.plan.unchanged.push(Unchanged { row, client: id });
        } else {
            self.index(at, &to);
            if let Some(slot) = self.clients.get_mut(at) {
                *slot = to;
            }
            self.updated.entry(at).or_default().push(row);
        }
        self.warn(row, warnings);
    }

    /// Why the number of `draft` does not go to `client`, when there is a reason.
    fn phone_warning(&self, client: &Client, draft: &ClientDraft, at: usize) -> Option<Warning> {
        let phone = draft.contact.phone()?;
        match client.contact.phone() {
            Some(known) if known == phone => None,
            Some(_) => {
                let detail = "the client is known here by another phone number, which stays".to_owned();
                Some(Warning { code: Caution::PhoneDiffers, detail })
            }
            None if self.rules.shared_phones => None,
            None => self.phone_holder(draft, Some(at)).map(|other| {
                let detail = format!("{} has the same phone number, so it was left out", self.called(other));
                Warning { code: Caution::PhoneTaken, detail }
            }),
        }
    }

    /// Who has the number of `draft`, a name like it, and no other address.
    fn same_phone_and_name(&self, draft: &ClientDraft) -> Option<usize> {
        let same = |client: &Client| {
            let one_has_none = client.contact.email().is_none() || draft.contact.email().is_none();
            one_has_none && client.name.is_like(&draft.name)
        };
        let found: Vec<_> = self.holders(draft.contact.phone()?).filter(|(_, client)| same(client)).collect();
        // Who has no address is the better match: the row may be the one that brings it.
        let without = found.iter().find(|(_, client)| client.contact.email().is_none());
        without.or(found.first()).map(|(at, _)| *at)
    }

    /// Who else has the number of `draft`. Numbers of archived clients are free again.
    fn phone_holder(&self, draft: &ClientDraft, but: Option<usize>) -> Option<&Client> {
        let phone = draft.contact.phone()?;
        let places = self.by_phone.get(phone)?.iter().filter(|at| Some(**at) != but);
        let mut others = places.filter_map(|at| self.clients.get(*at));
        others.find(|client| client.contact.phone() == Some(phone) && !client.is_archived())
    }

    fn called(&self, client: &Client) -> String {
        if client.home_organization == self.rules.organization {
            format!("client {} ({})", client.name, client.id)
        } else {
            "a client of another location".to_owned()
        }
    }

    fn warn(&mut self, row: u32, warnings: Vec<Warning>) {
        self.plan.warnings.extend(warnings.into_iter().map(|warning| (row, warning)));
    }

    fn finish(mut self, existing: &[Client]) -> BatchPlan {
        for (at, rows) in self.updated {
            if let (Some(before), Some(after)) = (existing.get(at), self.clients.get(at)) {
                let client = Client { version: before.version + 1, ..after.clone() };
                self.plan.updates.push(Update { rows, changed: before.differs(&client), client });
            }
        }
        self.plan
    }
}

/// Puts what `draft` says into `to`.
fn merge(to: &mut Client, draft: ClientDraft, how: Match, warnings: &mut Vec<Warning>) {
    let mut replaces = how == Match::Email;
    if let (Some(email), None) = (draft.contact.email(), to.contact.email()) {
        to.contact = to.contact.clone().with_email(email.clone());
        // The next run will know the client by this address: what it would say then holds now.
        replaces = true;
    }
    if replaces {
        to.name = draft.name;
        to.joined_on = draft.joined_on.unwrap_or(to.joined_on);
    }
    put(&mut to.locale, draft.locale, replaces);
    put(&mut to.birth_date, draft.birth_date, replaces);
    put(&mut to.external_ref, draft.external_ref, replaces);
    match (to.marketing_consent, draft.marketing_consent) {
        (Some(false), Some(true)) => {
            let detail =
                "the file says yes to advertising and the client has said no here: it stays no".to_owned();
            warnings.push(Warning { code: Caution::ConsentRefused, detail });
        }
        (_, Some(said)) => to.marketing_consent = Some(said),
        (_, None) => {}
    }
}

fn put<T>(to: &mut Option<T>, said: Option<T>, replaces: bool) {
    if said.is_some() && (replaces || to.is_none()) {
        *to = said;
    }
}

const fn fault(code: Reason, detail: String) -> RowFault {
    RowFault { code, column: None, detail }
}
