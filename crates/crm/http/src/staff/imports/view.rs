//! An import, as those who started it watch it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use tryzore_crm::import::{
    DateFinding, Field, ImportFile, ImportJob, ImportOptions, ImportReport, ImportState, Survey,
    job::Progress,
};
use tryzore_kernel::{ImportId, OrganizationId, UserId};
use utoipa::ToSchema;

/// An import, in a line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportLine {
    /// The import.
    id: ImportId,
    /// The location whose clients they become.
    organization: OrganizationId,
    /// Who started it.
    requested_by: Option<UserId>,
    /// When it was started.
    created_at: DateTime<Utc>,
    /// The file.
    file: ImportFile,
    /// `uploaded`, `checking`, `checked` (waits to be confirmed), `running`, `finished` or `failed`.
    #[schema(value_type = tryzore_crm_postgres::shapes::ImportStatus)]
    status: &'static str,
    /// How far the check or the run is, once the rows were counted.
    progress: Option<Progress>,
    /// What was found, or done, so far, in numbers.
    report: Option<ImportReport>,
    /// Why it failed.
    failure: Option<ImportFailure>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The import.
    #[serde(flatten)]
    line: ImportLine,
    /// What the importer decided.
    options: ImportOptions,
    /// Which column holds what, as far as the importer said; null: left out.
    #[schema(value_type = std::collections::HashMap<String, Option<String>>)]
    mapping: BTreeMap<Field, Option<String>>,
    /// How the file is read, once it was looked at.
    file_reading: Option<FileReading>,
}

/// Why an import failed.
#[derive(Debug, Serialize, ToSchema)]
struct ImportFailure {
    /// Stable: `import.date_order_needed`.
    code: String,
    /// The same in a sentence.
    detail: String,
}

/// How a file is read.
#[derive(Debug, Serialize, ToSchema)]
struct FileReading {
    /// WHATWG label of the encoding.
    #[schema(example = "UTF-8")]
    encoding: String,
    /// The character between cells.
    #[schema(value_type = String, example = ",")]
    delimiter: char,
    /// Rows below the header.
    rows: u32,
    /// The columns, in the order of the file.
    columns: Vec<ImportColumn>,
    /// What the dates of the file tell about their order.
    dates: DateFinding,
    /// The first rows.
    sample: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
struct ImportColumn {
    /// As it is written in the file.
    header: String,
    /// What it holds; null when it is left out.
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
            organization: job.organization,
            requested_by: job.requested_by,
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
