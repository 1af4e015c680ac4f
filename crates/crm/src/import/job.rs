//! An import as a job that people start, watch and confirm.
//!
//! The states are `uploaded -> checking -> checked -> running -> finished`, and `failed` from any of the
//! first four. Progress is stored in the transaction that did the work, so a batch that is delivered twice
//! is counted once.

use super::{
    limits, mapping::Mapping, options::ImportOptions, plan::BatchPlan, report::ImportReport, survey::Survey,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, ImportId, OrganizationId, UserId};

/// The file of an import. The bytes are stored separately, by the id of the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportFile {
    /// The name of the file when it was uploaded.
    pub name: String,
    /// The size of the file in bytes.
    pub bytes: u64,
}

/// The state of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ImportState {
    /// The file was uploaded.
    Uploaded,
    /// The file is being checked; no client changes.
    Checking {
        /// The properties of the whole file.
        survey: Survey,
        /// What the import would do with the rows so far.
        report: ImportReport,
    },
    /// The file was checked; somebody has to confirm the import.
    Checked {
        /// The properties of the whole file.
        survey: Survey,
        /// What the import would do.
        report: ImportReport,
    },
    /// Clients are being added and changed.
    Running {
        /// The properties of the whole file.
        survey: Survey,
        /// What the import has done with the rows so far.
        report: ImportReport,
    },
    /// All rows were processed.
    Finished {
        /// The properties of the whole file.
        survey: Survey,
        /// What the import has done.
        report: ImportReport,
        /// When the import ended.
        at: DateTime<Utc>,
    },
    /// The import cannot continue. Its changes so far stay, and importing the file again changes nothing
    /// twice.
    Failed {
        /// The code of the [`ImportError`](super::ImportError).
        code: String,
        /// The error as a sentence.
        detail: String,
        /// When the import ended.
        at: DateTime<Utc>,
    },
}

/// The progress of a check or a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// The number of rows that were processed.
    pub done: u32,
    /// The number of all rows.
    pub total: u32,
}

/// The import of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJob {
    /// The id of the import.
    pub id: ImportId,
    /// The location that the clients are imported to.
    pub organization: OrganizationId,
    /// The person who started the import; `None` if the product or an API key did.
    pub requested_by: Option<UserId>,
    /// The imported file.
    pub file: ImportFile,
    /// The columns that the importer has assigned to fields.
    pub mapping: Mapping,
    /// The choices of the importer.
    pub options: ImportOptions,
    /// The state of the import.
    pub state: ImportState,
    /// When the import was started.
    pub created_at: DateTime<Utc>,
}

/// The position of a batch relative to the progress of the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchPosition {
    /// The batch is the next one.
    Next,
    /// The batch was already processed.
    Done,
}

impl ImportState {
    /// The name of the state in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking { .. } => "checking",
            Self::Checked { .. } => "checked",
            Self::Running { .. } => "running",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
        }
    }

    /// The report so far, if there is one.
    #[must_use]
    pub const fn report(&self) -> Option<&ImportReport> {
        match self {
            Self::Uploaded | Self::Failed { .. } => None,
            Self::Checking { report, .. }
            | Self::Checked { report, .. }
            | Self::Running { report, .. }
            | Self::Finished { report, .. } => Some(report),
        }
    }

    /// The properties of the whole file, once it was read.
    #[must_use]
    pub const fn survey(&self) -> Option<&Survey> {
        match self {
            Self::Uploaded | Self::Failed { .. } => None,
            Self::Checking { survey, .. }
            | Self::Checked { survey, .. }
            | Self::Running { survey, .. }
            | Self::Finished { survey, .. } => Some(survey),
        }
    }
}

impl ImportJob {
    /// The maximum length of the name of a file in characters.
    pub const FILE_NAME_MAX: usize = 255;

    /// The progress of the check or the run, once the rows were counted.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let (survey, report) = (self.state.survey()?, self.state.report()?);
        Some(Progress { done: report.rows, total: survey.rows })
    }

    /// Changes the state from uploaded to checking. Checking again starts over, perhaps with other options or
    /// another mapping.
    ///
    /// # Errors
    /// `crm.import.state` in any other state.
    pub fn check(self, survey: Survey) -> Result<Self, Denial> {
        match self.state {
            ImportState::Uploaded | ImportState::Checking { .. } | ImportState::Checked { .. } => {
                Ok(Self { state: ImportState::Checking { survey, report: ImportReport::default() }, ..self })
            }
            _ => Err(self.refuse("Upload the file again.", None)),
        }
    }

    /// Changes the state from checking to checked.
    ///
    /// # Errors
    /// `crm.import.state` in any other state, or if rows are missing.
    pub fn checked(self) -> Result<Self, Denial> {
        match self.state {
            ImportState::Checking { survey, report } if report.rows == survey.rows => {
                Ok(Self { state: ImportState::Checked { survey, report }, ..self })
            }
            _ => Err(self.refuse("Check the file to its end first.", Some("get_import"))),
        }
    }

    /// Changes the state from checked to running.
    ///
    /// # Errors
    /// `crm.import.state` in any other state; `crm.import.nothing_to_do` if every row is refused.
    pub fn run(self) -> Result<Self, Denial> {
        match self.state {
            ImportState::Checked { report, .. } if report.refused == report.rows => {
                Err(Denial::state("crm.import.nothing_to_do")
                    .because("import.rows", report.rows)
                    .because("import.refused", report.refused)
                    .remedy("Every row is refused. Correct the error file and upload it.", None))
            }
            ImportState::Checked { survey, .. } => {
                Ok(Self { state: ImportState::Running { survey, report: ImportReport::default() }, ..self })
            }
            _ => Err(self.refuse("Check the file first.", Some("get_import"))),
        }
    }

    /// Changes the state from running to finished.
    ///
    /// # Errors
    /// `crm.import.state` in any other state, or if rows are missing.
    pub fn finish(self, now: DateTime<Utc>) -> Result<Self, Denial> {
        match self.state {
            ImportState::Running { survey, report } if report.rows == survey.rows => {
                Ok(Self { state: ImportState::Finished { survey, report, at: now }, ..self })
            }
            _ => Err(self.refuse("Run the import to its end first.", None)),
        }
    }

    /// Checks that the import may be discarded: at any time except while it adds and changes clients.
    ///
    /// # Errors
    /// `crm.import.state` while the import runs.
    pub fn admit_discard(&self) -> Result<(), Denial> {
        match self.state {
            ImportState::Running { .. } => {
                Err(self.refuse("The import is running. Wait until it has ended.", None))
            }
            _ => Ok(()),
        }
    }

    /// Changes the state to failed, unless the import has already ended.
    ///
    /// # Errors
    /// `crm.import.state` if the import has ended.
    pub fn fail(self, code: &str, detail: &str, now: DateTime<Utc>) -> Result<Self, Denial> {
        match self.state {
            ImportState::Finished { .. } | ImportState::Failed { .. } => {
                Err(self.refuse("The import has already ended.", None))
            }
            _ => Ok(Self {
                state: ImportState::Failed { code: code.into(), detail: detail.into(), at: now },
                ..self
            }),
        }
    }

    /// Whether the import has waited too long for its confirmation.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        let waits = matches!(
            self.state,
            ImportState::Uploaded | ImportState::Checking { .. } | ImportState::Checked { .. }
        );
        waits && now - self.created_at > TimeDelta::days(limits::UNCONFIRMED_DAYS)
    }

    /// Whether a batch that starts after `start` rows is the next one.
    ///
    /// # Errors
    /// `crm.import.gap` if earlier rows are missing; `crm.import.state` if the import is neither checking nor
    /// running.
    pub fn position_of(&self, start: u32) -> Result<BatchPosition, Denial> {
        match &self.state {
            ImportState::Checking { report, .. } | ImportState::Running { report, .. } => {
                match start.cmp(&report.rows) {
                    std::cmp::Ordering::Less => Ok(BatchPosition::Done),
                    std::cmp::Ordering::Equal => Ok(BatchPosition::Next),
                    std::cmp::Ordering::Greater => Err(Denial::state("crm.import.gap")
                        .because("import.done", report.rows)
                        .because("batch.start", start)),
                }
            }
            _ => Err(self.refuse("The import is neither checking nor running.", None)),
        }
    }

    /// Adds the results of a batch to the report.
    pub fn advance(&mut self, plan: &BatchPlan) {
        if let ImportState::Checking { report, .. } | ImportState::Running { report, .. } = &mut self.state {
            report.add(plan);
        }
    }

    /// Cleans the name of a file: no path, no control characters, not too long.
    #[must_use]
    pub fn file_name(text: &str) -> String {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = last.chars().filter(|c| !c.is_control()).take(Self::FILE_NAME_MAX).collect();
        if name.trim().is_empty() { "clients.csv".to_owned() } else { name }
    }

    /// Whether a file of this size in bytes may be uploaded.
    #[must_use]
    pub const fn fits(bytes: u64) -> bool {
        bytes <= limits::FILE_BYTES
    }

    fn refuse(&self, text: &'static str, action: Option<&'static str>) -> Denial {
        Denial::state("crm.import.state").because("import.status", self.state.name()).remedy(text, action)
    }
}
