//! The operators of the platform (RBA-04), from the table `platform.operators`, which no service writes,
//! and the stored first answers to the requests of operators.

use crate::{AuthTx, OnceKey, PlatformTx, idempotency::Remembered};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use tryzore_kernel::{
    AuditEntry, Command, Decision, Denial, Journal, Problem, StoreResult, TenantId, UserId,
};
use tryzore_rbac::{
    PlatformGrants, PlatformPermission, PlatformPermit, PlatformSlug, platform::not_an_operator,
};
use tryzore_schema::platform::{first_answers, operators};

/// The command of all refusals to operators.
const OPERATE: Command = Command::new("platform.operate");

impl AuthTx {
    /// The platform permit of the transaction's user, who is signed in to `tenant`, or the reason for the refusal. A
    /// refusal is recorded as `platform.operate`; slugs that the catalogue does not know grant nothing.
    ///
    /// # Errors
    /// Outer: when the database fails. Inner: `rbac.operator.required`, the same for everyone who is
    /// no operator; `rbac.permission.missing`.
    pub async fn platform_permit<P: PlatformPermission>(
        &mut self,
        tenant: TenantId,
    ) -> StoreResult<Result<PlatformPermit<P>, Denial>> {
        let user = self.actor.user();
        let permit = match user {
            Some(user) => self.platform_grants(user, tenant).await?,
            None => None,
        }
        .ok_or_else(|| not_an_operator(user))
        .and_then(|grants| grants.permit());
        if let (Err(denial), Some(user)) = (&permit, user) {
            self.decision_record(Decision::denied(OPERATE, user, denial).about(user));
        }
        Ok(permit)
    }

    async fn platform_grants(
        &mut self,
        user: UserId,
        tenant: TenantId,
    ) -> StoreResult<Option<PlatformGrants>> {
        let query = operators::table.find(user).select(operators::permissions);
        let held: Option<Vec<String>> = self.tx.row(query).await?;
        Ok(held.and_then(|held| {
            PlatformGrants::compile(
                self.actor,
                tenant,
                held.iter().filter_map(|slug| PlatformSlug::find(slug)),
            )
        }))
    }
}

impl PlatformTx {
    /// Stores the first answer to the request of `operator` with `key`; a second one is a conflict.
    pub(crate) fn answer_keep<T: Serialize>(
        &mut self,
        operator: UserId,
        key: &OnceKey,
        status: u16,
        answer: &T,
    ) -> Result<(), Problem> {
        self.tx.defer(diesel::insert_into(first_answers::table).values((
            first_answers::user_id.eq(operator),
            first_answers::key.eq(key.key.clone()),
            first_answers::fingerprint.eq(key.fingerprint.clone()),
            first_answers::status.eq(i16::try_from(status).unwrap_or(200)),
            first_answers::body.eq(serde_json::to_string(answer).map_err(Problem::internal)?),
            first_answers::created_at.eq(self.now),
        )));
        Ok(())
    }

    /// Finds the first answer to the request of `operator` with `key`.
    pub(crate) async fn answer_find(
        &mut self,
        operator: UserId,
        key: &OnceKey,
    ) -> StoreResult<Option<Remembered>> {
        let kept = first_answers::table.find((operator, key.key.clone()));
        let kept = kept.select((first_answers::fingerprint, first_answers::status, first_answers::body));
        let kept: Option<(Vec<u8>, i16, String)> = self.tx.row(kept).await?;
        Ok(kept.map(|(fingerprint, status, body)| Remembered::new(fingerprint, status, body)))
    }

    /// Records in the audit trail that an operator used `P`, unless the work has recorded something more precise.
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
