//! A request for support access, and the approval that it becomes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    FieldErrors, OrganizationId, SupportGrantId, TenantId, UserId,
    form::{FormCheck, line, within},
};
use tryzore_rbac::{Pattern, Slug};

/// The shortest and the longest time of an approval, in minutes: five minutes and a week.
pub const MINUTES: (i32, i32) = (5, 7 * 24 * 60);

/// A request for support access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SupportGrantForm {
    /// Why, for the tenant and its audit trail.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 3, max_length = 500, example = "A class is missing")
    )]
    pub reason: String,
    /// The reference of the ticket.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, example = "SUP-1024"))]
    pub ticket: Option<String>,
    /// The permissions whose data the operator needs to see: slugs or wildcards. Nothing can be changed with them.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50, example = json!(["events.view_all"])))]
    pub permissions: Vec<String>,
    /// The locations; every one by default.
    #[serde(rename = "organization_ids")]
    pub organizations: Option<Vec<OrganizationId>>,
    /// For how many minutes from the approval on.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 10080, example = 60))]
    pub minutes: i32,
}

/// A request for support access, or an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportGrant {
    /// Identifies the request and the approval.
    pub id: SupportGrantId,
    /// The tenant.
    pub tenant: TenantId,
    /// The operator who asked.
    pub requested_by: UserId,
    /// The name of the operator.
    pub requested_by_name: String,
    /// Why.
    pub reason: String,
    /// The reference of the ticket.
    pub ticket: Option<String>,
    /// The permissions whose data is shown.
    pub patterns: Vec<Pattern>,
    /// The locations; `None` means every one.
    pub organizations: Option<Vec<OrganizationId>>,
    /// For how many minutes from the approval on.
    pub minutes: i32,
    /// The status.
    pub status: SupportGrantStatus,
    /// When the operator asked.
    pub requested_at: DateTime<Utc>,
    /// The last decision; `None` while the request waits for one.
    pub decided: Option<Decided>,
    /// When the approval ends; `None` before it is given.
    pub expires_at: Option<DateTime<Utc>>,
    /// Counts the changes.
    pub version: i32,
}

/// Who decided about a request, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The person.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, if a reason was given.
    pub because: Option<String>,
}

/// The status of a request for support access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SupportGrantStatus {
    /// Waits for the tenant.
    Requested,
    /// The tenant has approved it, until `expires_at`.
    Approved,
    /// The tenant has denied it.
    Denied,
    /// The operator has withdrawn it.
    Withdrawn,
    /// The tenant has taken the approval back.
    Revoked,
}

impl SupportGrantStatus {
    /// The text in the database and in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
        }
    }
}

impl SupportGrant {
    /// The request of the operator `by`, named `name`, to `tenant`.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn request(
        form: &SupportGrantForm,
        tenant: TenantId,
        (by, name): (UserId, String),
        now: DateTime<Utc>,
    ) -> Result<Self, FieldErrors> {
        let mut check = FormCheck::default();
        let reason = check.take("/reason", line(&form.reason, 3, 500));
        let ticket = match &form.ticket {
            Some(text) => check.take("/ticket", line(text, 1, 100)).map(Some),
            None => Some(None),
        };
        let minutes = check.take("/minutes", within(form.minutes, MINUTES.0, MINUTES.1));
        let patterns = patterns(&mut check, &form.permissions);
        let organizations = match &form.organizations {
            Some(at) => check.take("/organization_ids", chosen(at)).map(Some),
            None => Some(None),
        };
        let read = reason.zip(ticket).zip(minutes).zip(patterns).zip(organizations);
        let ((((reason, ticket), minutes), patterns), organizations) = check.finish(read)?;
        Ok(Self {
            id: SupportGrantId::generate(now),
            tenant,
            requested_by: by,
            requested_by_name: name,
            reason,
            ticket,
            patterns,
            organizations,
            minutes,
            status: SupportGrantStatus::Requested,
            requested_at: now,
            decided: None,
            expires_at: None,
            version: 1,
        })
    }

    /// The same request with another status, since `decided`.
    #[must_use]
    pub fn set_status(self, status: SupportGrantStatus, decided: Decided) -> Self {
        let expires_at = match status {
            SupportGrantStatus::Approved => Some(decided.at + TimeDelta::minutes(self.minutes.into())),
            _ => self.expires_at,
        };
        Self { status, decided: Some(decided), expires_at, version: self.version + 1, ..self }
    }

    /// Whether sessions can be begun under the approval at `now`.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.status == SupportGrantStatus::Approved && self.expires_at.is_some_and(|until| now < until)
    }
}

/// Locations that were chosen: at least one, each once.
fn chosen(at: &[OrganizationId]) -> Result<Vec<OrganizationId>, &'static str> {
    let mut at = at.to_vec();
    at.sort_unstable();
    at.dedup();
    if at.is_empty() || at.len() > 1000 { Err("expected 1 to 1000 locations") } else { Ok(at) }
}

/// Reads permissions that a tenant can approve: of its catalogue, and none that is about a person's own data or
/// about support itself.
pub(super) fn patterns(check: &mut FormCheck, texts: &[String]) -> Option<Vec<Pattern>> {
    if !(1..=50).contains(&texts.len()) {
        check.add("/permissions", "expected 1 to 50 permissions or wildcards");
        return None;
    }
    let may_show = |slug: Slug| slug.is_assignable() && !slug.as_str().starts_with("support.");
    let read = |(nth, text): (usize, &String)| {
        let pattern = text.parse::<Pattern>().map_err(|error| error.to_string()).and_then(|pattern| {
            let shows_any = pattern.expand().iter().any(may_show);
            shows_any.then_some(pattern).ok_or_else(|| "expected a permission that shows data".to_owned())
        });
        check.take(format!("/permissions/{nth}"), pattern)
    };
    let read: Vec<_> = texts.iter().enumerate().map(read).collect();
    read.into_iter().collect()
}
