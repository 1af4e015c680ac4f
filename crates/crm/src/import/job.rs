//! An import as a job that people start, watch and confirm.
//!
//! `uploaded -> checking -> checked -> running -> finished`, and `failed` from any of the first
//! four. Each state carries what it needs. Progress is kept in the transaction that did the work,
//! so a batch that is delivered twice is counted once.

use super::{
    limits, mapping::Mapping, options::ImportOptions, plan::BatchPlan, report::ImportReport, survey::Survey,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, ImportId, OrganizationId, UserId};

/// The file of an import. The bytes are kept elsewhere, by the import's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportFile {
    /// As it was called where it came from.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ImportState {
    /// The file is there.
    Uploaded,
    /// It is read, and nothing is written.
    Checking {
        /// What holds for all of the file.
        survey: Survey,
        /// What would be done with the rows so far.
        report: ImportReport,
    },
    /// It was read; someone has to confirm.
    Checked {
        /// What holds for all of the file.
        survey: Survey,
        /// What would be done.
        report: ImportReport,
    },
    /// Clients are being added and changed.
    Running {
        /// What holds for all of the file.
        survey: Survey,
        /// What was done with the rows so far.
        report: ImportReport,
    },
    /// All rows are done.
    Finished {
        /// What holds for all of the file.
        survey: Survey,
        /// What was done.
        report: ImportReport,
        /// When it ended.
        at: DateTime<Utc>,
    },
    /// It can't go on; what was done stays done, and running it again changes nothing twice.
    Failed {
        /// The code of the [`ImportError`](super::ImportError).
        code: String,
        /// The same in a sentence.
        detail: String,
        /// When it ended.
        at: DateTime<Utc>,
    },
}

/// How far a check or a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Rows that are done.
    pub done: u32,
    /// All rows.
    pub total: u32,
}

/// One file that is imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJob {
    /// This import.
    pub id: ImportId,
    /// The location whose clients they become.
    pub organization: OrganizationId,
    /// Who started it; none when it was not a person.
    pub requested_by: Option<UserId>,
    /// The file.
    pub file: ImportFile,
    /// Which column holds what, as far as it was said.
    pub mapping: Mapping,
    /// What the importer decided.
    pub options: ImportOptions,
    /// How far it is.
    pub state: ImportState,
    /// When it was started.
    pub created_at: DateTime<Utc>,
}

/// Whether a batch is the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchPosition {
    /// It is.
    Next,
    /// It was done already: there is nothing to do.
    Done,
}

impl ImportState {
    /// As in JSON.
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

    /// What was found, or done, so far.
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

    /// What holds for all of the file, once it was looked at.
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
    /// The most characters of a file's name.
    pub const FILE_NAME_MAX: usize = 255;

    /// How far the check or the run is, once the rows were counted.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let (survey, report) = (self.state.survey()?, self.state.report()?);
        Some(Progress { done: report.rows, total: survey.rows })
    }

    /// From uploaded to checking. Checking again starts over, with other options or a mapping.
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

    /// From checking to checked.
    ///
    /// # Errors
    /// `crm.import.state` in any other state, or when rows are missing.
    pub fn checked(self) -> Result<Self, Denial> {
        match self.state {
            ImportState::Checking { survey, report } if report.rows == survey.rows => {
                Ok(Self { state: ImportState::Checked { survey, report }, ..self })
            }
            _ => Err(self.refuse("Check the file to its end first.", Some("get_import"))),
        }
    }

    /// From checked to running.
    ///
    /// # Errors
    /// `crm.import.state` in any other state; `crm.import.nothing_to_do` when every row is refused.
    pub fn run(self) -> Result<Self, Denial> {
        match self.state {
            ImportState::Checked { report, .. } if report.refused == report.rows => {
                Err(Denial::state("crm.import.nothing_to_do")
                    .because("import.rows", report.rows)
                    .because("import.refused", report.refused)
                    .remedy("Every row is refused. Put the error file right and upload it.", None))
            }
            ImportState::Checked { survey, .. } => {
                Ok(Self { state: ImportState::Running { survey, report: ImportReport::default() }, ..self })
            }
            _ => Err(self.refuse("Check the file first.", Some("get_import"))),
        }
    }

    /// From running to finished.
    ///
    /// # Errors
    /// `crm.import.state` in any other state, or when rows are missing.
    pub fn finish(self, now: DateTime<Utc>) -> Result<Self, Denial> {
        match self.state {
            ImportState::Running { survey, report } if report.rows == survey.rows => {
                Ok(Self { state: ImportState::Finished { survey, report, at: now }, ..self })
            }
            _ => Err(self.refuse("Run the import to its end first.", None)),
        }
    }

    /// Whether it may be thrown away: at any time but while clients are being added and changed.
    ///
    /// # Errors
    /// `crm.import.state` while it runs.
    pub fn admit_discard(&self) -> Result<(), Denial> {
        match self.state {
            ImportState::Running { .. } => Err(self.refuse("It is running. Wait until it has ended.", None)),
            _ => Ok(()),
        }
    }

    /// To failed, unless it has ended already.
    ///
    /// # Errors
    /// `crm.import.state` when it has ended.
    pub fn fail(self, code: &str, detail: &str, now: DateTime<Utc>) -> Result<Self, Denial> {
        match self.state {
            ImportState::Finished { .. } | ImportState::Failed { .. } => {
                Err(self.refuse("It has ended already.", None))
            }
            _ => Ok(Self {
                state: ImportState::Failed { code: code.into(), detail: detail.into(), at: now },
                ..self
            }),
        }
    }

    /// Whether it has waited for its confirmation for too long.
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
    /// `crm.import.gap` when rows before it are missing; `crm.import.state` when it is neither
    /// checking nor running.
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
            _ => Err(self.refuse("It is neither checking nor running.", None)),
        }
    }

    /// Counts what a batch did, or would do.
    pub fn advance(&mut self, plan: &BatchPlan) {
        if let ImportState::Checking { report, .. } | ImportState::Running { report, .. } = &mut self.state {
            report.add(plan);
        }
    }

    /// A name that can be shown and kept: no path, no control characters, not too long.
    #[must_use]
    pub fn file_name(text: &str) -> String {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = last.chars().filter(|c| !c.is_control()).take(Self::FILE_NAME_MAX).collect();
        if name.trim().is_empty() { "clients.csv".to_owned() } else { name }
    }

    /// Whether a file of `bytes` may be uploaded at all.
    #[must_use]
    pub const fn fits(bytes: u64) -> bool {
        bytes <= limits::FILE_BYTES
    }

    fn refuse(&self, text: &'static str, action: Option<&'static str>) -> Denial {
        Denial::state("crm.import.state").because("import.status", self.state.name()).remedy(text, action)
    }
}
