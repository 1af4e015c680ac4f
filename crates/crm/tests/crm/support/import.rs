//! A file, taken through an import as the worker does it.

use super::{Memory, now, options, organization, permit, today};
use futures::executor::block_on;
use std::io::Cursor;
use tryzore_crm::{
    UseCaseError,
    import::{
        BATCH_ROWS, ImportFile, ImportJob, ImportOptions, ImportReader, ImportReport, Mapping, Survey,
        begin_check, check_batch, confirm_import, finish_check, finish_import, run_batch, start_import,
    },
};

/// Checks the file and runs it; the report of the check and that of the run.
pub fn import(tx: &mut Memory, bytes: &[u8], options: ImportOptions) -> (ImportReport, ImportReport) {
    let checked = check(tx, bytes, options.clone()).unwrap();
    let would = checked.state.report().cloned().unwrap();
    match block_on(confirm_import(&permit(), tx, checked.id)) {
        Err(UseCaseError::Denied(denial)) if denial.code == "crm.import.nothing_to_do" => {
            return (would.clone(), would);
        }
        confirmed => confirmed.unwrap(),
    };
    let mut reader = ImportReader::new(bytes, checked.state.survey().unwrap(), &options, today()).unwrap();
    while let Some(batch) = reader.next_batch(BATCH_ROWS).unwrap() {
        block_on(run_batch(&permit(), tx, checked.id, batch.clone(), today(), now())).unwrap();
        // A batch that is delivered again changes nothing.
        let (clients, events) = (tx.clients.clone(), tx.events.len());
        block_on(run_batch(&permit(), tx, checked.id, batch, today(), now())).unwrap();
        assert!(clients == tx.clients && events == tx.events.len());
    }
    let done = block_on(finish_import(&permit(), tx, checked.id, now())).unwrap();
    (would, done.state.report().cloned().unwrap())
}

/// Uploads and checks the file.
pub fn check(tx: &mut Memory, bytes: &[u8], options: ImportOptions) -> Result<ImportJob, UseCaseError> {
    let file = ImportFile { name: "clients.csv".into(), bytes: bytes.len() as u64 };
    let mapping = Mapping::default();
    block_on(async {
        let job = start_import(&permit(), tx, organization(), file, mapping.clone(), options.clone(), now())
            .await?;
        let survey = Survey::take(&mut Cursor::new(bytes), &mapping, &options)?;
        let mut reader = ImportReader::new(bytes, &survey, &options, today())?;
        begin_check(&permit(), tx, job.id, survey, mapping, options).await?;
        while let Some(batch) = reader.next_batch(BATCH_ROWS)? {
            check_batch(&permit(), tx, job.id, batch).await?;
        }
        finish_check(&permit(), tx, job.id).await
    })
}

/// Imports a text with the usual options.
pub fn import_text(tx: &mut Memory, text: &str) -> ImportReport {
    import(tx, text.as_bytes(), options()).1
}
