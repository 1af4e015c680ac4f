//! Runs a confirmed import, one batch per transaction.
//!
//! The clients, their users, the events and the progress of a batch are written in one transaction: either
//! all or none, and running the batch again does nothing.

use super::{
    check_import::{advance, lock, planned},
    job::{BatchPosition, ImportJob},
    plan::BatchPlan,
    ports::Imports,
    reader::Batch,
    reason::Reason,
    row::{RefusedRow, RowFault},
};
use crate::{
    Client, ClientBatches, ConsentEntry, ConsentLedger, ConsentSource, NewUser, UseCaseError, Users,
    domain_event::{ClientEdited, ClientImported, ImportFinished},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use tryzore_kernel::{AuditEntry, ImportId, Journal};
use tryzore_rbac::{DomainEvent, Permit, catalogue::CreateClient};

/// Runs one batch. `today` is the current date at the location. A batch that was already run is skipped.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` or `crm.import.gap`; [`UseCaseError::NotFound`].
pub async fn run_batch<T: Imports + ClientBatches + ConsentLedger + Users + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    batch: Batch,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?;
    if job.position_of(batch.start)? == BatchPosition::Done {
        return Ok(job);
    }
    let mut plan = planned(tx, &job, batch.rows).await?;
    insert(tx, &job, &mut plan, today, now).await?;
    update(tx, &job, &plan, now).await?;
    advance(tx, job, &plan).await
}

/// Ends an import whose rows were all processed.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` if rows are missing; [`UseCaseError::NotFound`].
pub async fn finish_import<T: Imports + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    now: DateTime<Utc>,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?.finish(now)?;
    tx.import_progress(&job).await?;
    let report = job.state.report().cloned().unwrap_or_default();
    tx.audit_append(AuditEntry {
        action: "clients.import_finish",
        target: id.uuid(),
        subject: None,
        organizations: vec![job.organization],
        details: serde_json::json!({
            "created": report.created, "updated": report.updated,
            "unchanged": report.unchanged, "refused": report.refused,
        }),
    });
    let (created, updated) = (report.created, report.updated);
    let finished = ImportFinished { import: id, organization: job.organization, created, updated };
    tx.event_publish(finished.published(now));
    Ok(job)
}

/// Ends an import that cannot continue, for the reason `code`. Its changes so far stay.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` if it has already ended; [`UseCaseError::NotFound`].
pub async fn fail_import<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    code: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?.fail(code, detail, now)?;
    tx.import_progress(&job).await?;
    Ok(job)
}

/// Adds the new clients. Those that cannot be added after all move to the refused rows.
async fn insert<T: ClientBatches + ConsentLedger + Users + Journal>(
    tx: &mut T,
    job: &ImportJob,
    plan: &mut BatchPlan,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    if plan.inserts.is_empty() {
        return Ok(());
    }
    let drafts = plan.inserts.iter().map(|insert| insert.draft.clone());
    let seeds: Vec<_> =
        drafts.clone().map(|draft| NewUser { name: draft.name, contact: draft.contact }).collect();
    let users = tx.users_ensure(&seeds).await?;
    let clients: Vec<_> = drafts
        .zip(users)
        .map(|(draft, user)| Client::new(draft, user, job.organization, today, now))
        .collect();
    let added: BTreeSet<_> = tx.clients_insert(&clients).await?.into_iter().collect();
    let new = clients.iter().filter(|client| added.contains(&client.id));
    record_consents(tx, new, job, now).await?;
    let mut kept = Vec::with_capacity(plan.inserts.len());
    for (insert, client) in std::mem::take(&mut plan.inserts).into_iter().zip(&clients) {
        if added.contains(&client.id) {
            let (user, organization) = (client.user, job.organization);
            let imported = ClientImported { client: client.id, user, organization, import: job.id };
            tx.event_publish(imported.published(now));
            kept.push(insert);
        } else {
            let detail =
                "this person is a client under another e-mail address, or was added meanwhile".to_owned();
            let faults = vec![RowFault { code: Reason::ClientExists, column: None, detail }];
            plan.refused.push(RefusedRow { number: insert.row, cells: insert.cells, faults });
        }
    }
    let refused: BTreeSet<_> = plan.refused.iter().map(|row| row.number).collect();
    plan.warnings.retain(|(row, _)| !refused.contains(row));
    plan.inserts = kept;
    Ok(())
}

async fn update<T: ClientBatches + ConsentLedger + Journal>(
    tx: &mut T,
    job: &ImportJob,
    plan: &BatchPlan,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    if plan.updates.is_empty() {
        return Ok(());
    }
    let clients: Vec<_> = plan.updates.iter().map(|update| update.client.clone()).collect();
    tx.clients_update(&clients).await?;
    let changed = plan.updates.iter().filter(|update| update.changed.contains(&"marketing_consent"));
    record_consents(tx, changed.map(|update| &update.client), job, now).await?;
    for update in &plan.updates {
        let edited = ClientEdited {
            client: update.client.id,
            user: update.client.user,
            organization: job.organization,
            changed: update.changed.iter().map(|field| (*field).to_owned()).collect(),
            import: Some(job.id),
        };
        tx.event_publish(edited.published(now));
    }
    Ok(())
}

/// Adds the answers about advertising that came with the file to the consent ledger.
async fn record_consents<'c, T: ConsentLedger>(
    tx: &mut T,
    clients: impl Iterator<Item = &'c Client> + Send,
    job: &ImportJob,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let by = (ConsentSource::Import, job.requested_by);
    let entry = |client: &Client| {
        client.marketing_consent.map(|is_given| ConsentEntry::of_profile(client, is_given, by, now))
    };
    let entries: Vec<_> = clients.filter_map(entry).collect();
    if !entries.is_empty() {
        tx.consents_append(&entries).await?;
    }
    Ok(())
}
