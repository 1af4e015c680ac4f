//! Who operates the platform (RBA-04), from the table `platform.operators`. No service writes it.

use crate::{AuthTx, PlatformTx};
use diesel::prelude::*;
use serde_json::json;
use tryzore_kernel::{AuditEntry, Decision, Denial, Journal, StoreResult, UserId};
use tryzore_rbac::{
    PlatformGrants, PlatformPermission, PlatformPermit, PlatformSlug, platform::not_an_operator,
};
use tryzore_schema::platform::operators;

impl AuthTx {
    /// The platform permit of whoever acts, or why there is none. A refusal is recorded, as
    /// `platform.operate`; names that the catalogue does not know give nothing.
    ///
    /// # Errors
    /// Outer: when the database fails. Inner: `rbac.operator.required`, the same for everyone who is
    /// no operator; `rbac.permission.missing`.
    pub async fn platform_permit<P: PlatformPermission>(
        &mut self,
    ) -> StoreResult<Result<PlatformPermit<P>, Denial>> {
        let user = self.actor.user();
        let permit = match user {
            Some(user) => self.platform_grants(user).await?,
            None => None,
        }
        .ok_or_else(|| not_an_operator(user))
        .and_then(|grants| grants.permit());
        if let (Err(denial), Some(user)) = (&permit, user) {
            self.decision_record(Decision::denied("platform.operate", user, denial).about(user));
        }
        Ok(permit)
    }

    async fn platform_grants(&mut self, user: UserId) -> StoreResult<Option<PlatformGrants>> {
        let query = operators::table.find(user).select(operators::permissions);
        let held: Option<Vec<String>> = self.tx.row(query).await?;
        Ok(held.and_then(|held| {
            PlatformGrants::compile(self.actor, held.iter().filter_map(|slug| PlatformSlug::find(slug)))
        }))
    }
}

impl PlatformTx {
    /// Notes that an operator did what `P` allows, unless what was done has noted it more precisely.
    pub(crate) fn note_use<P: PlatformPermission>(&mut self) {
        if let (true, Some(user)) = (self.journal.audit.is_empty(), self.actor.user()) {
            self.audit_append(AuditEntry {
                action: P::SLUG.as_str(),
                target: user.uuid(),
                subject: None,
                organizations: Vec::new(),
                details: json!({}),
            });
        }
    }
}
