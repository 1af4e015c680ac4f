//! Consents and their texts, as both APIs show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_crm::consent::{
    ConsentChannel, ConsentEntry, ConsentPurpose, ConsentSource, ConsentText, CurrentConsent,
};
use tryzore_kernel::{ConsentId, OrganizationId};
use utoipa::ToSchema;

/// What holds now for one purpose, channel and location.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    /// What for.
    purpose: ConsentPurpose,
    /// By which channel.
    channel: ConsentChannel,
    /// At which location; null for all of them.
    organization_id: Option<OrganizationId>,
    /// Given, or withdrawn.
    is_given: bool,
    /// Whether it was given to a text that has been replaced since: ask again.
    is_outdated: bool,
    /// The version of the text that was shown.
    text_version: Option<i32>,
    /// How it was recorded.
    source: ConsentSource,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// The entry of the ledger that decides it.
    consent_id: ConsentId,
}

impl From<CurrentConsent> for ConsentView {
    fn from(CurrentConsent { scope, entry, is_outdated }: CurrentConsent) -> Self {
        Self {
            purpose: scope.purpose,
            channel: scope.channel,
            organization_id: scope.organization,
            is_given: entry.is_given,
            is_outdated,
            text_version: entry.text_version,
            source: entry.source,
            recorded_at: entry.at,
            consent_id: entry.id,
        }
    }
}

/// What a client agrees to. What is not listed was never asked, which counts as no.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentList {
    /// The answers, by purpose.
    pub(crate) data: Vec<ConsentView>,
}

impl From<Vec<CurrentConsent>> for ConsentList {
    fn from(held: Vec<CurrentConsent>) -> Self {
        Self { data: held.into_iter().map(ConsentView::from).collect() }
    }
}

/// How a consent can be proven.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentProofView {
    /// The user who recorded it: the client, or staff.
    recorded_by_user_id: Option<tryzore_kernel::UserId>,
    /// Where the evidence is.
    note: Option<String>,
    /// The IP address of the request.
    ip_address: Option<String>,
    /// The `User-Agent` of the request.
    user_agent: Option<String>,
}

/// An entry of the consent ledger, which never changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentEntryView {
    /// The id of the entry.
    id: ConsentId,
    /// What for.
    purpose: ConsentPurpose,
    /// By which channel.
    channel: ConsentChannel,
    /// At which location; null for all of them.
    organization_id: Option<OrganizationId>,
    /// Given, or withdrawn.
    is_given: bool,
    /// The version of the text that was shown.
    text_version: Option<i32>,
    /// How it was recorded.
    source: ConsentSource,
    /// How it can be proven.
    proof: ConsentProofView,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<ConsentEntry> for ConsentEntryView {
    fn from(entry: ConsentEntry) -> Self {
        let proof = entry.proof;
        Self {
            id: entry.id,
            purpose: entry.scope.purpose,
            channel: entry.scope.channel,
            organization_id: entry.scope.organization,
            is_given: entry.is_given,
            text_version: entry.text_version,
            source: entry.source,
            proof: ConsentProofView {
                recorded_by_user_id: proof.recorded_by,
                note: proof.note,
                ip_address: proof.ip_address,
                user_agent: proof.user_agent,
            },
            recorded_at: entry.at,
        }
    }
}

/// The text that clients agree to for a purpose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentTextView {
    /// What for.
    purpose: ConsentPurpose,
    /// The version, to be sent with a consent.
    text_version: i32,
    /// The text.
    text: String,
    /// Since when it is shown.
    since: DateTime<Utc>,
}

impl From<ConsentText> for ConsentTextView {
    fn from(text: ConsentText) -> Self {
        let ConsentText { purpose, version, text, since } = text;
        Self { purpose, text_version: version, text, since }
    }
}

/// The texts of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentTextList {
    /// The newest text of each purpose that has one.
    pub(crate) data: Vec<ConsentTextView>,
}

impl From<Vec<ConsentText>> for ConsentTextList {
    fn from(texts: Vec<ConsentText>) -> Self {
        Self { data: texts.into_iter().map(ConsentTextView::from).collect() }
    }
}
