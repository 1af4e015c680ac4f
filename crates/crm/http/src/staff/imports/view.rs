//! The views of an import.

use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use tryzore_crm::import::{
    DateFinding, Field, ImportFile, ImportJob, ImportOptions, ImportReport, ImportState, Survey,
    job::Progress,
};
use tryzore_kernel::{ImportId, OrganizationId, UserId};
use utoipa::ToSchema;

/// An import in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportLine {
    /// The id of the import.
    id: ImportId,
    /// The location that the clients are imported to.
    organization_id: OrganizationId,
    /// The person who started the import.
    requested_by_user_id: Option<UserId>,
    /// When the import was started.
    created_at: DateTime<Utc>,
    /// The file.
    file: ImportFile,
    /// `uploaded`, `checking`, `checked` (waiting for confirmation), `running`, `finished` or `failed`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ImportStatus)]
    status: &'static str,
    /// The progress of the check or the run, once the rows were counted.
    progress: Option<Progress>,
    /// The numbers of rows by result so far.
    report: Option<ImportReport>,
    /// The reason why the import failed.
    failure: Option<ImportFailure>,
    /// When the import ended.
    ended_at: Option<DateTime<Utc>>,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The import.
    #[serde(flatten)]
    line: ImportLine,
    /// The options of the importer.
    options: ImportOptions,
    /// The columns that the importer has assigned; null means that the field is left out.
    #[schema(value_type = std::collections::HashMap<String, Option<String>>)]
    mapping: BTreeMap<Field, Option<String>>,
    /// How the file is read, once it was examined.
    file_reading: Option<FileReading>,
}

/// Why an import failed.
#[derive(Debug, Serialize, ToSchema)]
struct ImportFailure {
    /// The stable code, such as `import.date_order_needed`.
    code: String,
    /// The reason as a sentence.
    detail: String,
}

/// How a file is read.
#[derive(Debug, Serialize, ToSchema)]
struct FileReading {
    /// The WHATWG label of the encoding.
    #[schema(example = "UTF-8")]
    encoding: String,
    /// The character between cells.
    #[schema(value_type = String, example = ",")]
    delimiter: char,
    /// The number of rows below the header.
    rows: u32,
    /// The columns, in the order of the file.
    columns: Vec<ImportColumn>,
    /// The order of day and month that the dates of the file show.
    dates: DateFinding,
    /// The first rows.
    sample: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
struct ImportColumn {
    /// The header as written in the file.
    header: String,
    /// The field of the column; null if the column is left out.
    field: Option<Field>,
}

impl From<ImportJob> for ImportLine {
    fn from(job: ImportJob) -> Self {
        let (failure, ended_at) = match &job.state {
            ImportState::Failed { code, detail, at } => {
                (Some(ImportFailure { code: code.clone(), detail: detail.clone() }), Some(*at))
            }
            ImportState::Finished { at, .. } => (None, Some(*at)),
            _ => (None, None),
        };
        Self {
            id: job.id,
            organization_id: job.organization,
            requested_by_user_id: job.requested_by,
            created_at: job.created_at,
            status: job.state.name(),
            progress: job.progress(),
            report: job.state.report().cloned(),
            failure,
            ended_at,
            file: job.file,
        }
    }
}

impl From<ImportJob> for ImportView {
    fn from(job: ImportJob) -> Self {
        let file_reading = job.state.survey().map(FileReading::from);
        Self { options: job.options.clone(), mapping: job.mapping.0.clone(), file_reading, line: job.into() }
    }
}

impl From<&Survey> for FileReading {
    fn from(survey: &Survey) -> Self {
        let held = |at| Field::ALL.into_iter().find(|field| survey.columns.of(*field) == Some(at));
        let columns = survey.headers.iter().enumerate();
        Self {
            encoding: survey.encoding.clone(),
            delimiter: survey.delimiter,
            rows: survey.rows,
            columns: columns
                .map(|(at, header)| ImportColumn { header: header.clone(), field: held(at) })
                .collect(),
            dates: survey.dates.clone(),
            sample: survey.sample.clone(),
        }
    }
}
