//! A client, or staff on their behalf, gives or withdraws a consent.

use super::{
    ConsentChannel, ConsentEntry, ConsentLedger, ConsentProof, ConsentPurpose, ConsentScope, ConsentSource,
    CurrentConsent, PROFILE, current, versions,
};
use crate::{
    Client, ClientChange, Clients, Patch, UseCaseError, domain_event::ConsentRecorded,
    edit_client::apply_recorded, get_own,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{
    AuditEntry, ClientId, Command, ConsentId, DecisionContext, FieldErrors, Journal, OrganizationId, UserId,
    form::{FormCheck, text},
};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    catalogue::{EditClient, OwnProfile},
};

/// The command, in recorded decisions and in the audit trail.
pub(crate) const COMMAND: Command =
    Command::new("consents.record").seen_by(Slug::VIEW_ALL_CLIENTS.audience());

/// An answer about a consent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    /// What for.
    pub purpose: ConsentPurpose,
    /// By which channel; every channel by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub channel: ConsentChannel,
    /// At which location; all of them if null or left out.
    #[serde(default, rename = "organization_id")]
    pub organization: Option<OrganizationId>,
    /// Given, or withdrawn.
    pub is_given: bool,
    /// The version of the text that was shown: needed to give a consent for a purpose that has a text.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub text_version: Option<i32>,
}

/// Records the answer of the client `id`, which reached staff as `source`, with a `note` on where the evidence is.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a client or a location that the caller does not see; [`UseCaseError::Invalid`];
/// `crm.edit.archived` when an archived client gives a consent. Withdrawing one is always possible.
pub async fn record_consent<T: Clients + ConsentLedger + Journal>(
    permit: &Permit<EditClient>,
    tx: &mut T,
    id: ClientId,
    form: ConsentForm,
    (source, note): (ConsentSource, Option<String>),
    now: DateTime<Utc>,
) -> Result<CurrentConsent, UseCaseError> {
    let client = tx.client_lock(id).await?.ok_or(UseCaseError::NotFound("client"))?;
    permit.require_at(client.home_organization, "client")?;
    if let Some(organization) = form.organization {
        permit.require_at(organization, "organization")?;
    }
    let note = match note {
        Some(note) => {
            let mut check = FormCheck::default();
            let read = check.take("/note", text(&note, 1, 500));
            Some(check.finish(read)?)
        }
        None => None,
    };
    record(tx, client, form, (source, note, permit.actor().user()), now).await
}

/// Records the answer of the signed-in client.
///
/// # Errors
/// As [`record_consent`].
pub async fn record_own_consent<T: Clients + ConsentLedger + Journal>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
    form: ConsentForm,
    now: DateTime<Utc>,
) -> Result<CurrentConsent, UseCaseError> {
    let id = get_own(permit, tx).await?.id;
    let client = tx.client_lock(id).await?.ok_or(UseCaseError::NotFound("client"))?;
    let by = permit.actor().user();
    record(tx, client, form, (ConsentSource::App, None, by), now).await
}

async fn record<T: Clients + ConsentLedger + Journal>(
    tx: &mut T,
    client: Client,
    form: ConsentForm,
    (source, note, recorded_by): (ConsentSource, Option<String>, Option<UserId>),
    now: DateTime<Utc>,
) -> Result<CurrentConsent, UseCaseError> {
    let ConsentForm { purpose, channel, organization, is_given, text_version } = form;
    if let Some(organization) = organization
        && !tx.consent_location_exists(organization).await?
    {
        return Err(UseCaseError::NotFound("organization"));
    }
    if is_given {
        let decision = DecisionContext::new(COMMAND, client.id, client.home_organization).about(client.user);
        tx.record_if_denied(decision, client.admit_edit())?;
    }
    let texts = versions(&tx.consent_texts().await?);
    check_version(texts.get(&purpose).copied(), text_version, is_given, source)?;
    let scope = ConsentScope { purpose, channel, organization };
    let proof = ConsentProof { recorded_by, note, ..ConsentProof::default() };
    let id = ConsentId::generate(now);
    let entry = ConsentEntry {
        id,
        position: 0,
        client: client.id,
        scope,
        text_version,
        is_given,
        source,
        proof,
        at: now,
    };
    tx.consents_append(std::slice::from_ref(&entry)).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: client.id.uuid(),
        subject: Some(client.user),
        organizations: vec![organization.unwrap_or(client.home_organization)],
        details: serde_json::json!({
            "consent": id, "purpose": purpose, "channel": channel, "given": is_given, "source": source,
        }),
    });
    let (user, at) = (client.user, client.home_organization);
    let recorded = ConsentRecorded { client: client.id, user, organization: at, purpose, channel, is_given };
    tx.event_publish(recorded.published(now));
    if scope == PROFILE && client.marketing_consent != Some(is_given) {
        let change = ClientChange { marketing_consent: Patch::Set(is_given), ..ClientChange::default() };
        apply_recorded(tx, COMMAND.name, client, change, now).await?;
    }
    // The entry is the newest, so it decides.
    let entries = [ConsentEntry { position: i64::MAX, ..entry }];
    let mut held = current(&entries, &texts);
    held.pop().ok_or(UseCaseError::NotFound("consent"))
}

/// A person can only agree to the text that they were shown: the newest one, or on a signed form an earlier one.
fn check_version(
    newest: Option<i32>,
    shown: Option<i32>,
    is_given: bool,
    source: ConsentSource,
) -> Result<(), FieldErrors> {
    let refused = |detail: String| Err(FieldErrors::one("/text_version", detail));
    match (newest, shown) {
        (None, None) => Ok(()),
        (None, Some(_)) => refused("this purpose has no text yet".to_owned()),
        (Some(newest), None) if is_given => {
            refused(format!("the version of the text that was shown: {newest}"))
        }
        (Some(_), None) => Ok(()),
        (Some(newest), Some(shown)) if !(1..=newest).contains(&shown) => {
            refused(format!("a version of the text: 1 to {newest}"))
        }
        (Some(newest), Some(shown)) => match source {
            ConsentSource::App | ConsentSource::Staff if is_given && shown < newest => {
                refused(format!("the text was replaced: show version {newest}"))
            }
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_given_to_the_text_that_was_shown() {
        let taken = |newest, shown, is_given, source| check_version(newest, shown, is_given, source).is_ok();
        use ConsentSource::{App, Form, Staff};
        for source in [App, Staff, Form] {
            assert!(taken(None, None, true, source) && !taken(None, Some(1), true, source));
            assert!(!taken(Some(2), None, true, source), "which text was it?");
            assert!(taken(Some(2), None, false, source), "a withdrawal needs no text");
            for (shown, is_one) in [(0, false), (1, true), (2, true), (3, false)] {
                let old_is_fine = source == Form || shown == 2;
                assert_eq!(taken(Some(2), Some(shown), true, source), is_one && old_is_fine, "{shown}");
                assert_eq!(taken(Some(2), Some(shown), false, source), is_one);
            }
        }
    }
}
