//! Adding one client by staff.

use crate::{
    Client, ClientDraft, Clients, ConsentEntry, ConsentLedger, ConsentSource, NewUser, UseCaseError, Users,
    domain_event::{ClientAdded, OfClient, audit},
    error::same_email,
};
use chrono::{DateTime, NaiveDate, Utc};
use tryzore_kernel::{ClientId, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::CreateClient};

/// The command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("clients.create").seen_by(Slug::VIEW_ALL_CLIENTS.audience());

/// The result of adding a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedClient {
    /// The client that was added.
    pub client: Client,
    /// Active clients with the same phone number that the caller may see: a family, or the same
    /// person twice. They are a warning only; the client was added.
    pub possible_duplicates: Vec<ClientId>,
}

/// Adds a client to `home`. `today` is the day there.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.add.duplicate` when a client of the tenant has the e-mail
/// address, or is the same user under another address; [`UseCaseError::NotFound`] for a location that the
/// caller does not see.
pub async fn add_client<T: Clients + ConsentLedger + Users + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    home: OrganizationId,
    draft: ClientDraft,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<AddedClient, UseCaseError> {
    permit.require_at(home, "organization")?;
    if let Some(existing) = existing(tx, &draft).await? {
        return Err(refuse(tx, home, visible(permit, Some(&existing))).into());
    }
    let possible_duplicates = match draft.contact.phone() {
        Some(phone) => tx.clients_by_phone(phone).await?,
        None => Vec::new(),
    };
    let user = tx.user_ensure(&NewUser { name: draft.name.clone(), contact: draft.contact.clone() }).await?;
    let client = Client::new(draft, user, home, today, now);
    if !tx.client_insert(&client).await? {
        // A concurrent request added the client, or the user is a client under another address.
        let existing = match client.contact.email() {
            Some(email) => tx.client_find_by_email(email).await?,
            None => None,
        };
        return Err(refuse(tx, home, visible(permit, existing.as_ref())).into());
    }
    if let Some(is_given) = client.marketing_consent {
        let by = (ConsentSource::Staff, permit.actor().user());
        tx.consents_append(&[ConsentEntry::of_profile(&client, is_given, by, now)]).await?;
    }
    tx.event_publish(ClientAdded(OfClient::of(&client)).published(now));
    tx.audit_append(audit(COMMAND.name, &client, &[]));
    let seen = |other: &&Client| !other.is_archived() && permit.reach().covers(other.home_organization);
    let possible_duplicates = possible_duplicates.iter().filter(seen).map(|other| other.id).collect();
    Ok(AddedClient { client, possible_duplicates })
}

async fn existing<T: Clients>(tx: &mut T, draft: &ClientDraft) -> Result<Option<Client>, UseCaseError> {
    match draft.contact.email() {
        Some(email) => Ok(tx.client_find_by_email(email).await?),
        None => Ok(None),
    }
}

fn visible<'c>(permit: &Permit<CreateClient>, client: Option<&'c Client>) -> Option<&'c Client> {
    client.filter(|client| permit.reach().covers(client.home_organization))
}

// A refusal that names a client is recorded at the location of that client.
fn refuse(journal: &mut impl Journal, home: OrganizationId, existing: Option<&Client>) -> Denial {
    let denial = same_email("crm.add.duplicate", existing);
    let decision = match existing {
        Some(client) => DecisionContext::new(COMMAND, client.id, client.home_organization).about(client.user),
        None => DecisionContext::new(COMMAND, home, home),
    };
    journal.decision_record(decision.denied(&denial));
    denial
}
