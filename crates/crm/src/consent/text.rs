//! The texts that clients agree to. A changed text is a new version; what was agreed to before becomes outdated.

use super::{ConsentLedger, ConsentPurpose};
use crate::UseCaseError;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, FieldErrors, Journal,
    form::{FormCheck, text},
};
use tryzore_rbac::{Permit, Slug, catalogue::EditSettings};

/// Changing a text, in recorded decisions and in the audit trail.
pub(crate) const COMMAND: Command = Command::new("consent_texts.edit").seen_by(Slug::EDIT_GYM.audience());

/// A version of the text for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// What it is for.
    pub purpose: ConsentPurpose,
    /// 1 for the first text of the purpose.
    pub version: i32,
    /// What the person agrees to.
    pub text: String,
    /// Since when it is shown.
    pub since: DateTime<Utc>,
}

/// A text to show from now on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentTextForm {
    /// What the person agrees to.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 10_000, example = "You may write to me about offers.")
    )]
    pub text: String,
}

impl ConsentTextForm {
    fn checked(self) -> Result<String, FieldErrors> {
        let mut check = FormCheck::default();
        let read = check.take("/text", text(&self.text, 1, 10_000));
        check.finish(read)
    }
}

/// Replaces the text for `purpose` in the whole tenant. The same text again changes nothing.
///
/// # Errors
/// [`UseCaseError::Invalid`]; `crm.consent_text.other_locations` for a caller who does not change the settings of
/// every location.
pub async fn save_consent_text<T: ConsentLedger + Journal>(
    permit: &Permit<EditSettings>,
    tx: &mut T,
    purpose: ConsentPurpose,
    form: ConsentTextForm,
    now: DateTime<Utc>,
) -> Result<ConsentText, UseCaseError> {
    let text = form.checked()?;
    let locations = tx.consent_locations().await?;
    let beyond = locations.iter().filter(|at| !permit.reach().covers(**at)).count();
    if beyond > 0 {
        let denial = Denial::right("crm.consent_text.other_locations")
            .because("organizations.out_of_reach", beyond)
            .remedy(
                "The text counts at every location. Ask someone who changes the settings of all of them.",
                Some("list_permission_holders"),
            );
        let at = permit.organization().or_else(|| locations.first().copied());
        let at = at.ok_or(UseCaseError::NotFound("organization"))?;
        tx.record_if_denied(DecisionContext::new(COMMAND, at, at), Err(denial))?;
    }
    let before = tx.consent_text_lock(purpose).await?;
    if let Some(before) = &before
        && before.text == text
    {
        return Ok(before.clone());
    }
    let version = before.map_or(1, |before| before.version + 1);
    let after = ConsentText { purpose, version, text, since: now };
    tx.consent_text_insert(&after, permit.actor().user()).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: permit.tenant().uuid(),
        subject: None,
        organizations: Vec::new(),
        details: serde_json::json!({ "purpose": purpose, "version": version }),
    });
    Ok(after)
}
