//! The consent ledger of a tenant (AUT-18): who agreed to what, by which channel, at which location, to which
//! version of the text, and how that can be proven.
//!
//! The ledger is append-only: a change of mind is another entry. What holds is decided by the newest entry that
//! covers the question ([`decisive`]): one for any channel covers every channel, and one for all locations covers
//! every location, so a withdrawal of any channel withdraws every one of them. Without an entry there is no
//! consent. The person is the client, because consents are given to one tenant and kept with its clients.

mod get_consents;
mod record_consent;
mod text;

pub use get_consents::{get_consents, get_own_consents};
pub use record_consent::{ConsentForm, record_consent, record_own_consent};
pub use text::{ConsentText, ConsentTextForm, save_consent_text};

use crate::Client;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tryzore_kernel::{ClientId, ConsentId, Limit, OrganizationId, Page, StoreResult, UserId};

/// What a person agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentPurpose {
    /// Advertising.
    Marketing,
    /// Reminders of bookings.
    Reminders,
    /// Photos and videos of the person.
    Photos,
    /// Processing of personal data beyond what the contract needs.
    DataProcessing,
    /// Processing of data about health.
    HealthData,
}

/// By which channel the person may be reached for the purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentChannel {
    /// Mail.
    Email,
    /// Text messages.
    Sms,
    /// Messages of the app.
    Push,
    /// Calls.
    Phone,
    /// Every channel; also for purposes that need none.
    #[default]
    Any,
}

/// How the consent reached the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// The person said so in the app.
    App,
    /// The person told staff, who recorded it.
    Staff,
    /// The person signed a form, which staff recorded.
    Form,
    /// It came with the data of another system.
    Import,
}

/// The question that an entry answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsentScope {
    /// What for.
    pub purpose: ConsentPurpose,
    /// By which channel.
    pub channel: ConsentChannel,
    /// At which location; `None` for all of them.
    pub organization: Option<OrganizationId>,
}

impl ConsentScope {
    /// Whether an answer to this question is also one to `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.purpose == other.purpose
            && (self.channel == ConsentChannel::Any || self.channel == other.channel)
            && (self.organization.is_none() || self.organization == other.organization)
    }
}

/// How a consent can be proven. The address and the `User-Agent` of the request are stored beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConsentProof {
    /// The user who recorded it: the person, or staff.
    pub recorded_by: Option<UserId>,
    /// Where the evidence is, such as the number of a signed form.
    pub note: Option<String>,
    /// The IP address of the request.
    #[serde(default)]
    pub ip_address: Option<String>,
    /// The `User-Agent` of the request.
    #[serde(default)]
    pub user_agent: Option<String>,
}

/// An entry of the ledger, which never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// Identifies the entry.
    pub id: ConsentId,
    /// The position in the ledger, given by the store; the newest entry has the highest.
    pub position: i64,
    /// The person.
    pub client: ClientId,
    /// The question.
    pub scope: ConsentScope,
    /// The version of the text that was shown, if the tenant has one.
    pub text_version: Option<i32>,
    /// Given, or withdrawn.
    pub is_given: bool,
    /// How it reached the ledger.
    pub source: ConsentSource,
    /// How it can be proven.
    pub proof: ConsentProof,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

impl ConsentEntry {
    /// The answer about advertising in the profile of `client`: by any channel, at all locations.
    #[must_use]
    pub fn of_profile(
        client: &Client,
        is_given: bool,
        (source, recorded_by): (ConsentSource, Option<UserId>),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: ConsentId::generate(now),
            position: 0,
            client: client.id,
            scope: PROFILE,
            text_version: None,
            is_given,
            source,
            proof: ConsentProof { recorded_by, ..ConsentProof::default() },
            at: now,
        }
    }
}

/// The question that `marketing_consent` of a client's profile answers. The profile and the ledger always agree.
pub const PROFILE: ConsentScope =
    ConsentScope { purpose: ConsentPurpose::Marketing, channel: ConsentChannel::Any, organization: None };

/// What holds now for one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentConsent {
    /// The question.
    pub scope: ConsentScope,
    /// The entry that decides it, perhaps one that covers more.
    pub entry: ConsentEntry,
    /// Whether it was given to a text that has been replaced since.
    pub is_outdated: bool,
}

/// The newest version of the text for each purpose that has one.
pub type TextVersions = BTreeMap<ConsentPurpose, i32>;

/// The entry that decides about `scope`: the newest that covers it.
#[must_use]
pub fn decisive<'e>(entries: &'e [ConsentEntry], scope: &ConsentScope) -> Option<&'e ConsentEntry> {
    entries.iter().filter(|entry| entry.scope.covers(scope)).max_by_key(|entry| entry.position)
}

/// Whether the person of `entries` agrees to `scope` now. Without an entry they don't.
#[must_use]
pub fn is_given(entries: &[ConsentEntry], scope: &ConsentScope) -> bool {
    decisive(entries, scope).is_some_and(|entry| entry.is_given)
}

/// What holds now for each question of `entries`, of which the newest for each question is enough.
#[must_use]
pub fn current(entries: &[ConsentEntry], texts: &TextVersions) -> Vec<CurrentConsent> {
    let scopes: BTreeSet<ConsentScope> = entries.iter().map(|entry| entry.scope).collect();
    let held = scopes.into_iter().filter_map(|scope| {
        let entry = decisive(entries, &scope)?.clone();
        let newest = texts.get(&scope.purpose);
        let is_outdated =
            entry.is_given && newest.is_some_and(|newest| entry.text_version.is_none_or(|it| it < *newest));
        Some(CurrentConsent { scope, entry, is_outdated })
    });
    held.collect()
}

/// The ledger and its texts in the tenant of the transaction.
#[trait_variant::make(Send)]
pub trait ConsentLedger {
    /// Adds entries, with the origin of the current request; their positions are ignored.
    async fn consents_append(&mut self, entries: &[ConsentEntry]) -> StoreResult<()>;
    /// The newest entry of a client for each question.
    async fn consents_newest(&mut self, client: ClientId) -> StoreResult<Vec<ConsentEntry>>;
    /// All entries of a client before the position `before`, newest first.
    async fn consents_page(
        &mut self,
        client: ClientId,
        before: Option<ConsentId>,
        limit: Limit,
    ) -> StoreResult<Page<ConsentEntry>>;
    /// Whether the tenant has this location.
    async fn consent_location_exists(&mut self, organization: OrganizationId) -> StoreResult<bool>;
    /// The newest text for each purpose that has one, by purpose.
    async fn consent_texts(&mut self) -> StoreResult<Vec<ConsentText>>;
    /// The newest text for a purpose, locked even when there is none.
    async fn consent_text_lock(&mut self, purpose: ConsentPurpose) -> StoreResult<Option<ConsentText>>;
    /// Adds a text.
    async fn consent_text_insert(&mut self, text: &ConsentText, by: Option<UserId>) -> StoreResult<()>;
    /// The open locations of the tenant.
    async fn consent_locations(&mut self) -> StoreResult<Vec<OrganizationId>>;
}

/// The newest versions of `texts`.
pub(crate) fn versions(texts: &[ConsentText]) -> TextVersions {
    texts.iter().map(|text| (text.purpose, text.version)).collect()
}

#[cfg(test)]
mod tests;
