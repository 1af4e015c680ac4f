//! Imports as a worker runs them: from the chunks of a file to clients, also after the worker was killed.

use crate::support::{self, Memory};
use chrono::Duration;
use std::{path::Path, time::Instant};
use tryzore_crm::{
    Country, UseCaseError,
    import::{
        ImportFile, ImportJob, ImportOptions, ImportReport, ImportState, Imports, Mapping, Reason,
        RefusedRow, RowFault, confirm_import, discard_import, error_csv, start_import,
    },
};
use tryzore_crm_postgres::Crm;
use tryzore_crm_postgres::{
    import::{process, sweep_uploads},
    upload::{CHUNK, Upload},
};
use tryzore_kernel::{ImportId, OrganizationId, Problem, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, SystemActor, catalogue::CreateClient};
use tryzore_testkit::{Database, Service, TestTenant};

fn sample() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/samples/clients.csv")).unwrap()
}

struct ImportTest {
    studio: TestTenant,
    worker: Db,
    permit: Permit<CreateClient>,
}

impl ImportTest {
    async fn open() -> Self {
        let studio = TestTenant::open().await;
        let worker = studio.database.as_service(Service::Work, studio.clock.clone());
        let permit = Permit::system(studio.tenant, SystemActor::Importer);
        Self { studio, worker, permit }
    }

    async fn tx<T>(
        &self,
        work: impl AsyncFnOnce(&mut TenantTx) -> Result<T, UseCaseError>,
    ) -> Result<T, Problem> {
        self.studio.db.tenant_tx(&self.permit, work).await
    }

    async fn upload(&self, bytes: &[u8], options: ImportOptions, runs_unasked: bool) -> ImportId {
        let mut upload = Upload::new(&self.studio.db, &self.permit);
        // Pieces of an arbitrary size, as a network delivers them.
        for piece in bytes.chunks(70_001) {
            upload.push(piece).await.unwrap();
        }
        let uploaded = upload.finish().await.unwrap();
        let file = ImportFile { name: "clients.csv".into(), bytes: uploaded.bytes };
        let now = self.studio.now();
        let start = self.tx(async |tx| {
            let at = self.studio.main;
            let job =
                start_import(&self.permit, &mut tx.crm(), at, file, Mapping::default(), options, now).await?;
            tx.crm().import_attach(job.id, uploaded.id, runs_unasked);
            Ok(job.id)
        });
        start.await.unwrap()
    }

    async fn process(&self, import: ImportId) -> ImportJob {
        process(&self.worker, self.studio.tenant, import).await.unwrap();
        self.job(import).await.unwrap()
    }

    async fn job(&self, import: ImportId) -> Option<ImportJob> {
        self.tx(async |tx| Ok(tx.crm().import_find(import).await?)).await.unwrap()
    }

    async fn confirm(&self, import: ImportId) {
        self.tx(async |tx| confirm_import(&self.permit, &mut tx.crm(), import).await).await.unwrap();
    }

    async fn events(&self, kind: &str) -> i64 {
        let query = format!("SELECT count(*) FROM runtime.outbox WHERE kind = '{kind}'");
        self.studio.count(&query).await
    }

    async fn chunks(&self) -> i64 {
        self.studio.count("SELECT count(*) FROM crm.import_chunks").await
    }
}

fn options() -> ImportOptions {
    ImportOptions::new(Country::ITALY)
}

fn counts(report: &ImportReport) -> (u32, u32, u32, u32, u32) {
    (report.rows, report.created, report.updated, report.unchanged, report.refused)
}

#[tokio::test]
async fn the_sample_is_imported_and_importing_it_again_changes_nothing() {
    let test = ImportTest::open().await;
    let bytes = sample();
    assert!(bytes.len() > 2 * CHUNK, "the sample must have several chunks");
    let import = test.upload(&bytes, options(), false).await;

    let started = Instant::now();
    let checked = test.process(import).await;
    let checking = started.elapsed();
    assert!(matches!(checked.state, ImportState::Checked { .. }));
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.clients").await, 0, "the check adds no one");
    let would = checked.state.report().unwrap().clone();
    assert_eq!(counts(&would), (5000, 4750, 0, 0, 250));
    let reasons: Vec<_> = would.by_reason.iter().map(|(reason, rows)| (*reason, *rows)).collect();
    assert_eq!(
        reasons,
        [
            (Reason::RowMisaligned, 15),
            (Reason::NameMissing, 15),
            (Reason::NameInvalid, 15),
            (Reason::ContactMissing, 15),
            (Reason::EmailInvalid, 15),
            (Reason::PhoneInvalid, 15),
            (Reason::PhoneDamaged, 15),
            (Reason::BirthDateInvalid, 15),
            (Reason::BirthDateImplausible, 15),
            (Reason::JoinedOnInvalid, 15),
            (Reason::DuplicateInFile, 100),
        ]
    );
    assert_eq!(test.process(import).await, checked, "nothing happens before someone confirms");

    test.confirm(import).await;
    let started = Instant::now();
    let finished = test.process(import).await;
    let running = started.elapsed();
    let per_minute = |took: std::time::Duration| (5000.0 * 60.0 / took.as_secs_f64()).round();
    #[allow(clippy::print_stdout, reason = "a measurement to read, not an assertion")]
    {
        println!("rows/minute: {} checked, {} run", per_minute(checking), per_minute(running));
    }
    assert!(matches!(finished.state, ImportState::Finished { .. }));
    assert_eq!(finished.state.report(), Some(&would), "the dry run reports what the run does");
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.clients").await, 4750);
    assert_eq!(test.events("crm.client_imported").await, 4750);
    // Ten batches of the check, ten of the run, and one event for each transition.
    assert_eq!(test.events("crm.import_progress").await, 2 * (1 + 10) + 1);
    assert_eq!(test.chunks().await, 0, "the file is deleted");
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.import_refused").await, 250);

    let again = test.upload(&bytes, options(), true).await;
    let report = test.process(again).await.state.report().unwrap().clone();
    assert_eq!(counts(&report), (5000, 0, 0, 4750, 250));
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.clients WHERE version = 1").await, 4750);
    assert_eq!((test.events("crm.client_imported").await, test.events("crm.client_edited").await), (4750, 0));
}

#[tokio::test]
async fn an_import_that_is_killed_between_batches_continues_and_repeats_no_row() {
    let test = ImportTest::open().await;
    let import = test.upload(&sample(), options(), true).await;
    let mut stops = 0;
    for wanted in ["checking", "running", "running"] {
        let before = done(&test, import, wanted).await.unwrap_or_default();
        let progressed = async {
            // Stop as soon as another batch is done.
            while done(&test, import, wanted).await.is_none_or(|rows| rows <= before) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            biased;
            () = progressed => stops += 1,
            _ = process(&test.worker, test.studio.tenant, import) => {}
        }
    }
    assert_eq!(stops, 3, "killed while there was work left");
    let half = test.job(import).await.unwrap().progress().unwrap();
    assert!(half.done > 0 && half.done < 5000, "{half:?}");
    let clients = test.studio.count("SELECT count(*) FROM crm.clients").await;
    assert!(clients > 0 && clients < 4750, "{clients}");

    let finished = test.process(import).await;
    assert_eq!(counts(finished.state.report().unwrap()), (5000, 4750, 0, 0, 250));
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.clients").await, 4750);
    assert_eq!(test.events("crm.client_imported").await, 4750);
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.import_refused").await, 250);
}

async fn done(test: &ImportTest, import: ImportId, state: &str) -> Option<u32> {
    let job = test.job(import).await.filter(|job| job.state.name() == state)?;
    job.progress().map(|progress| progress.done)
}

#[tokio::test]
async fn two_concurrent_workers_import_no_row_twice() {
    let test = ImportTest::open().await;
    let import = test.upload(&sample(), options(), true).await;
    let one = || process(&test.worker, test.studio.tenant, import);
    // One worker may find that the other was faster and give up; the job is tried again then.
    let _ = tokio::join!(one(), one());
    let finished = test.process(import).await;
    assert_eq!(counts(finished.state.report().unwrap()), (5000, 4750, 0, 0, 250));
    assert_eq!(test.events("crm.client_imported").await, 4750);
}

#[tokio::test]
async fn an_unreadable_file_fails_with_the_reason() {
    let test = ImportTest::open().await;
    for (bytes, code) in [
        (&b"PK\x03\x04 zip"[..], "import.not_text"),
        (b"", "import.file_empty"),
        (b"Email\na@example.com\n", "import.no_name_column"),
        (b"Nome,Email,Data di nascita\nAnna,a@example.com,03/04/1990\n", "import.date_order_needed"),
    ] {
        let import = test.upload(bytes, options(), true).await;
        let job = test.process(import).await;
        assert!(
            matches!(&job.state, ImportState::Failed { code: found, .. } if found == code),
            "{code}: {:?}",
            job.state
        );
        assert_eq!(test.chunks().await, 0, "{code}");
        assert_eq!(test.process(import).await, job, "the import has ended");
    }
    let told = "SELECT count(*) FROM runtime.outbox WHERE kind = 'crm.import_progress'
                AND payload->>'code' = 'import.not_text' AND payload->>'state' = 'failed'";
    assert_eq!(test.studio.count(told).await, 1);
}

#[tokio::test]
async fn a_file_of_refused_rows_waits_for_confirmation_although_it_may_run_without() {
    let test = ImportTest::open().await;
    let import = test.upload(b"Nome,Email\nAnna,x\n", options(), true).await;
    assert!(matches!(test.process(import).await.state, ImportState::Checked { .. }));
}

#[tokio::test]
async fn characters_that_postgres_cannot_store_are_replaced() {
    let test = ImportTest::open().await;
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let bytes = utf16("Nome,Email,No\0te\nAnna,x\0,\0\nBea,bea@example.com,\n");
    let import = test.upload(&bytes, options(), true).await;
    let job = test.process(import).await;
    assert_eq!(counts(job.state.report().unwrap()), (2, 1, 0, 0, 1), "{:?}", job.state);
    let rows = test.tx(async |tx| Ok(tx.crm().import_refused_list(import, 0, 10).await?)).await.unwrap();
    assert_eq!(rows[0].cells, ["Anna", "x\u{fffd}", "\u{fffd}"]);
    let mut file = Vec::new();
    error_csv(&mut file, &job.state.survey().unwrap().headers, ',', &rows).unwrap();
    assert!(String::from_utf8(file).unwrap().contains("No\u{fffd}te"));
}

#[tokio::test]
async fn a_discarded_import_ends_without_an_error() {
    let test = ImportTest::open().await;
    let import = test.upload(&sample(), options(), false).await;
    let discard = async {
        while done(&test, import, "checking").await.is_none_or(|rows| rows == 0) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        test.tx(async |tx| discard_import(&test.permit, &mut tx.crm(), import).await).await.unwrap();
    };
    let (processed, ()) = tokio::join!(process(&test.worker, test.studio.tenant, import), discard);
    assert_eq!(processed, Ok(()));
    assert!(test.job(import).await.is_none());
    for table in ["imports", "import_chunks", "import_refused", "clients"] {
        assert_eq!(test.studio.count(&format!("SELECT count(*) FROM crm.{table}")).await, 0, "{table}");
    }
    assert_eq!(process(&test.worker, test.studio.tenant, import).await, Ok(()));
}

#[tokio::test]
async fn a_file_is_too_large_from_the_first_byte_over_20_mb() {
    let test = ImportTest::open().await;
    let mut upload = Upload::new(&test.studio.db, &test.permit);
    let piece = vec![b'a'; 1024 * 1024];
    for _ in 0..20 {
        upload.push(&piece).await.unwrap();
    }
    assert_eq!(upload.push(b"a").await.unwrap_err().status, 413);
    upload.discard().await;
    assert_eq!(test.chunks().await, 0);
}

#[tokio::test]
async fn uploads_without_an_import_are_deleted_after_a_day() {
    // The sweep reads all tenants, so this test has its own database.
    let studio = TestTenant::open_in(Database::own().await).await;
    let worker = studio.database.as_service(Service::Work, studio.clock.clone());
    let permit = Permit::system(studio.tenant, SystemActor::Importer);
    let test = ImportTest { studio, worker, permit };
    let kept = test.upload(b"Nome,Email\nAnna,a@example.com\n", options(), false).await;
    let mut orphan = Upload::new(&test.studio.db, &test.permit);
    orphan.push(b"Nome").await.unwrap();
    orphan.finish().await.unwrap();
    test.studio.clock.pass(Duration::days(1));
    assert_eq!((sweep_uploads(&test.worker).await, test.chunks().await), (Ok(0), 2), "a day exactly");
    test.studio.clock.pass(Duration::seconds(1));
    assert_eq!((sweep_uploads(&test.worker).await, test.chunks().await), (Ok(1), 1));
    assert!(matches!(test.process(kept).await.state, ImportState::Checked { .. }));
}

#[tokio::test]
async fn an_import_that_nobody_confirms_ends_after_fourteen_days() {
    // The sweep reads all tenants, so this test has its own database.
    let studio = TestTenant::open_in(Database::own().await).await;
    let worker = studio.database.as_service(Service::Work, studio.clock.clone());
    let permit = Permit::system(studio.tenant, SystemActor::Importer);
    let test = ImportTest { studio, worker, permit };
    let import = test.upload(b"Nome,Email\nAnna,a@example.com\nBea,x\n", options(), false).await;
    test.process(import).await;
    test.studio.clock.pass(Duration::days(14));
    assert_eq!((sweep_uploads(&test.worker).await, test.chunks().await), (Ok(0), 1), "14 days exactly");
    test.studio.clock.pass(Duration::seconds(1));
    assert_eq!((sweep_uploads(&test.worker).await, test.chunks().await), (Ok(1), 0));
    let job = test.job(import).await.unwrap();
    assert!(matches!(&job.state, ImportState::Failed { code, .. } if code == "import.expired"), "{job:?}");
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.import_refused").await, 0);
    assert_eq!(sweep_uploads(&test.worker).await, Ok(0));
}

#[tokio::test]
async fn a_location_has_at_most_twenty_files_also_with_concurrent_uploads() {
    let test = ImportTest::open().await;
    for _ in 0..19 {
        test.upload(b"Nome,Email\nAnna,a@example.com\n", options(), false).await;
    }
    let start = async || {
        test.tx(async |tx| {
            let file = ImportFile { name: "clients.csv".into(), bytes: 1 };
            let (at, now) = (test.studio.main, test.studio.now());
            start_import(&test.permit, &mut tx.crm(), at, file, Mapping::default(), options(), now).await
        })
        .await
    };
    // Of two concurrent starts, one is the twentieth and the other is refused.
    let (one, other) = tokio::join!(start(), start());
    let refused = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(
        refused.iter().map(|problem| problem.code.as_ref()).collect::<Vec<_>>(),
        ["crm.import.too_many"]
    );
    assert_eq!(test.studio.count("SELECT count(*) FROM crm.imports").await, 20);
}

#[tokio::test]
async fn memory_and_postgres_follow_the_same_contract() {
    let mut memory = Memory::default();
    imports_keep_the_contract(&mut memory, support::organization()).await;
    let test = ImportTest::open().await;
    let kept = test.tx(async |tx| {
        imports_keep_the_contract(&mut tx.crm(), test.studio.main).await;
        Ok(())
    });
    kept.await.unwrap();
}

async fn imports_keep_the_contract<T: Imports>(tx: &mut T, organization: OrganizationId) {
    let now = support::now();
    let options = ImportOptions { delimiter: Some(';'), encoding: Some("utf-8".into()), ..options() };
    let mapping: Mapping = serde_json::from_str(r#"{"email":"Mail","locale":null}"#).unwrap();
    let job = ImportJob {
        id: ImportId::generate(now),
        organization,
        requested_by: Some(UserId::generate(now)),
        file: ImportFile { name: "Ünïcode.csv".into(), bytes: 20 },
        mapping,
        options,
        state: ImportState::Uploaded,
        created_at: now,
    };
    assert_eq!(tx.import_find(job.id).await.unwrap(), None);
    assert_eq!(tx.imports_open(organization).await.unwrap(), 0);
    tx.import_insert(&job).await.unwrap();
    assert_eq!(tx.imports_open(organization).await.unwrap(), 1);
    assert_eq!(tx.imports_open(OrganizationId::generate(now)).await.unwrap(), 0);
    assert_eq!(tx.import_find(job.id).await.unwrap().as_ref(), Some(&job));
    let failed = job.clone().fail("x", "why", now).unwrap();
    assert_eq!(tx.import_lock(job.id).await.unwrap(), Some(job));
    tx.import_progress(&failed).await.unwrap();
    assert_eq!(tx.imports_open(organization).await.unwrap(), 0, "the import has ended");
    assert_eq!(tx.import_find(failed.id).await.unwrap().as_ref(), Some(&failed));
    let row = |number| RefusedRow {
        number,
        cells: vec!["Anna".into(), String::new()],
        faults: vec![RowFault {
            code: Reason::EmailInvalid,
            column: Some("Mail".into()),
            detail: "no".into(),
        }],
    };
    tx.import_refused_insert(failed.id, &[row(7), row(2)]).await.unwrap();
    tx.import_refused_insert(failed.id, &[]).await.unwrap();
    tx.import_refused_insert(failed.id, &[row(9)]).await.unwrap();
    assert_eq!(tx.import_refused_list(failed.id, 0, 2).await.unwrap(), [row(2), row(7)]);
    assert_eq!(tx.import_refused_list(failed.id, 7, 2).await.unwrap(), [row(9)]);
    tx.import_refused_clear(failed.id).await.unwrap();
    assert_eq!(tx.import_refused_list(failed.id, 0, 2).await.unwrap(), []);
    tx.import_delete(failed.id).await.unwrap();
    assert_eq!(tx.import_find(failed.id).await.unwrap(), None);
}
