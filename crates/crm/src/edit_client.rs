//! Changing a client by staff.

use crate::{
    Client, ClientChange, Clients, ConsentEntry, ConsentLedger, ConsentSource, Patch, UseCaseError,
    domain_event::{ClientEdited, audit},
    error::same_email,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{ClientId, Command, DecisionContext, Denial, Journal, OrganizationId, UserId};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::EditClient};

/// The command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("clients.edit").seen_by(Slug::VIEW_ALL_CLIENTS.audience());

/// Changes the client `id`; `expected` is the version that the caller read. A change without an effect
/// succeeds and does not change the version.
///
/// # Errors
/// [`UseCaseError::Stale`] if the version has changed since; [`UseCaseError::Denied`] with
/// `crm.edit.archived` or `crm.edit.duplicate`; [`UseCaseError::Invalid`] if no contact data would be left;
/// [`UseCaseError::NotFound`].
pub async fn edit_client<T: Clients + ConsentLedger + Journal>(
    permit: &Permit<EditClient>,
    tx: &mut T,
    id: ClientId,
    expected: i32,
    change: ClientChange,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let before = lock(permit, tx, id, expected).await?;
    if let Some(home) = change.home_organization {
        permit.require_at(home, "organization")?;
    }
    if let Err(denial) = before.admit_edit() {
        return Err(refuse(tx, &before, before.home_organization, denial).into());
    }
    if let Patch::Set(email) = &change.email
        && let Some(other) = tx.client_find_by_email(email).await?
        && other.id != id
    {
        let seen = Some(&other).filter(|other| permit.reach().covers(other.home_organization));
        let denial = same_email("crm.edit.duplicate", seen);
        // A refusal that names another client is recorded at the location of that client.
        let at = seen.map_or(before.home_organization, |other| other.home_organization);
        return Err(refuse(tx, &before, at, denial).into());
    }
    apply(tx, COMMAND.name, before, change, (ConsentSource::Staff, permit.actor().user()), now).await
}

/// Changes `before`, whose row is locked; `action` is the name of the change in the audit trail. A change
/// without an effect stores and publishes nothing. A new answer about advertising, which `by` has, is also an entry
/// of the consent ledger.
pub(crate) async fn apply<T: Clients + ConsentLedger + Journal>(
    tx: &mut T,
    action: &'static str,
    before: Client,
    change: ClientChange,
    by: (ConsentSource, Option<UserId>),
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let answer = before.marketing_consent;
    let after = apply_recorded(tx, action, before, change, now).await?;
    if let Some(is_given) = after.marketing_consent.filter(|_| after.marketing_consent != answer) {
        tx.consents_append(&[ConsentEntry::of_profile(&after, is_given, by, now)]).await?;
    }
    Ok(after)
}

/// The same, when the consent ledger has the answer about advertising already.
pub(crate) async fn apply_recorded<T: Clients + Journal>(
    tx: &mut T,
    action: &'static str,
    before: Client,
    change: ClientChange,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let (after, changed) = before.apply(change)?;
    if changed.is_empty() {
        return Ok(before);
    }
    let told = ClientEdited {
        client: after.id,
        user: after.user,
        organization: after.home_organization,
        changed: changed.iter().map(|field| (*field).to_owned()).collect(),
        import: None,
    };
    keep(tx, action, after, &changed, told, now).await
}

/// Stores `after` as the next version, and publishes the names of the fields that `changed`.
pub(crate) async fn keep<T: Clients + Journal>(
    tx: &mut T,
    action: &'static str,
    after: Client,
    changed: &[&'static str],
    told: impl DomainEvent,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    if !tx.client_update(&after).await? {
        return Err(UseCaseError::Stale);
    }
    tx.audit_append(audit(action, &after, changed));
    tx.event_publish(told.published(now));
    Ok(after)
}

/// The client `id` at version `expected`, locked, if the permit covers its home location.
pub(crate) async fn lock<T: Clients>(
    permit: &Permit<EditClient>,
    tx: &mut T,
    id: ClientId,
    expected: i32,
) -> Result<Client, UseCaseError> {
    let client = tx.client_lock(id).await?.ok_or(UseCaseError::NotFound("client"))?;
    permit.require_at(client.home_organization, "client")?;
    if client.version == expected { Ok(client) } else { Err(UseCaseError::Stale) }
}

fn refuse(journal: &mut impl Journal, client: &Client, at: OrganizationId, denial: Denial) -> Denial {
    journal.decision_record(DecisionContext::new(COMMAND, client.id, at).about(client.user).denied(&denial));
    denial
}
