//! Plans the changes of a batch of rows to the existing clients.
//!
//! A row matches a client with the same e-mail address, or a client with the same phone number and a similar
//! name if their e-mail addresses do not differ.
//! - Same address: values of the file replace stored values; blank values change nothing.
//! - Same number and name: the file only fills blank fields, because a name and a number prove less than an
//!   address. If the row adds the address of the client, it is treated as a match by address.
//! - No match: a new client.
//!
//! The stored address and number of a client are filled in if they are missing and never replaced: they
//! identify the client, also when the file is imported again, and may be newer than the file.
//!
//! **Invariants:** no field is ever emptied; a no to advertising never becomes a yes; a client of another
//! location is never changed, and not named to the importer; each row is counted once, as added, changed,
//! unchanged or refused.

use super::{
    options::{ImportOptions, OnMatch},
    reason::{Caution, Reason},
    row::{Outcome, RefusedRow, Row, RowFault, Warning},
};
use crate::{Client, ClientDraft};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone};

/// The rules of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRules {
    /// The location that imports.
    pub organization: OrganizationId,
    /// What the import does with clients who already exist.
    pub on_match: OnMatch,
    /// Whether people with different names may have the same number.
    pub shared_phones: bool,
}

impl PlanRules {
    /// The rules of an import at `organization`.
    #[must_use]
    pub const fn new(organization: OrganizationId, options: &ImportOptions) -> Self {
        Self { organization, on_match: options.on_match, shared_phones: options.shared_phones }
    }
}

/// A client that the plan adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// The number of the row.
    pub row: u32,
    /// The cells of the row, for the error file if the client cannot be added in the end.
    pub cells: Vec<String>,
    /// The client to add.
    pub draft: ClientDraft,
}

/// A client that the plan changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The rows that change the client; usually one.
    pub rows: Vec<u32>,
    /// The changed client, with the next version.
    pub client: Client,
    /// The fields that change.
    pub changed: Vec<&'static str>,
}

/// A row that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchanged {
    /// The number of the row.
    pub row: u32,
    /// The client that the row matches.
    pub client: ClientId,
}

/// The planned changes of a batch of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchPlan {
    /// The clients to add.
    pub inserts: Vec<Insert>,
    /// The clients to change.
    pub updates: Vec<Update>,
    /// The rows that change nothing.
    pub unchanged: Vec<Unchanged>,
    /// The refused rows.
    pub refused: Vec<RefusedRow>,
    /// Warnings about accepted rows, with the numbers of the rows.
    pub warnings: Vec<(u32, Warning)>,
}

/// All addresses and numbers of `rows`, for [`ClientBatches::clients_by_contact`].
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

/// Plans the changes of `rows`. `existing` must be all clients with an address or number of the rows, oldest
/// first.
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

/// How a row was matched to a client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Email,
    PhoneAndName,
}

struct Planning {
    rules: PlanRules,
    /// The clients after the rows so far.
    clients: Vec<Client>,
    by_email: HashMap<Email, usize>,
    /// The clients who have, or had before, a number; oldest first.
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

    /// The clients who have the number after the rows so far.
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
            let detail = "this person is a client of another location, which manages their data".to_owned();
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

    /// The reason why the number of `draft` is not stored for `client`, if there is one.
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

    /// The client with the number of `draft`, a similar name and no different address.
    fn same_phone_and_name(&self, draft: &ClientDraft) -> Option<usize> {
        let same = |client: &Client| {
            let one_has_none = client.contact.email().is_none() || draft.contact.email().is_none();
            one_has_none && client.name.is_like(&draft.name)
        };
        let found: Vec<_> = self.holders(draft.contact.phone()?).filter(|(_, client)| same(client)).collect();
        // A client without an address is the better match: the row may add the address.
        let without = found.iter().find(|(_, client)| client.contact.email().is_none());
        without.or(found.first()).map(|(at, _)| *at)
    }

    /// Another client with the number of `draft`. Archived clients do not count.
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

/// Applies the values of `draft` to `to`.
fn merge(to: &mut Client, draft: ClientDraft, how: Match, warnings: &mut Vec<Warning>) {
    let mut replaces = how == Match::Email;
    if let (Some(email), None) = (draft.contact.email(), to.contact.email()) {
        to.contact = to.contact.clone().with_email(email.clone());
        // The next import of the file would match the client by this address, so it is treated as such now.
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
                "the file has yes to advertising but the client has answered no here: the answer stays no"
                    .to_owned();
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
