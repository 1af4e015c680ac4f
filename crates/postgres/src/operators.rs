//! What the operators of the platform may do (RBA-04), read for each request, and the stored first answers to
//! the requests of operators.

use crate::{AuthTx, OnceKey, PlatformTx, column::from_text, idempotency::Remembered, statement, tx::Tx};
use diesel::{
    prelude::*,
    sql_types::{Array, Text, Uuid},
};
use serde::Serialize;
use serde_json::json;
use tryzore_kernel::{
    AuditEntry, Command, Decision, Denial, Journal, Problem, StoreResult, TenantId, UserId,
};
use tryzore_rbac::{
    Effect, PlatformGrants, PlatformOverride, PlatformPermission, PlatformPermit, PlatformRights,
    platform::not_an_operator,
};
use tryzore_schema::platform::first_answers;

/// The command of all refusals to operators.
const OPERATE: Command = Command::new("platform.operate");

statement! {
    struct ReadRights { user: UserId => Uuid }
    "SELECT o.role,
         ARRAY (SELECT v.pattern FROM platform.operator_overrides v
                WHERE v.user_id = $1 AND v.effect = 'allow') AS allowed,
         ARRAY (SELECT v.pattern FROM platform.operator_overrides v
                WHERE v.user_id = $1 AND v.effect = 'deny') AS denied
     FROM platform.operators o WHERE o.user_id = $1 AND o.status = 'active'"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct RightsRow {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Array<Text>)]
    allowed: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    denied: Vec<String>,
}

impl RightsRow {
    // A pattern that matches nothing of the catalogue any more grants and denies nothing.
    fn rights(self) -> StoreResult<PlatformRights> {
        let read = |patterns: Vec<String>, effect: Effect| {
            let known = patterns.into_iter().filter_map(|text| text.parse().ok());
            known.map(move |pattern| PlatformOverride { pattern, effect })
        };
        let overrides = read(self.allowed, Effect::Allow).chain(read(self.denied, Effect::Deny)).collect();
        Ok(PlatformRights { role: from_text(&self.role)?, overrides })
    }
}

impl AuthTx {
    /// The platform permit of the transaction's user, who is signed in to `tenant`, or the reason for the refusal. A
    /// refusal is recorded as `platform.operate`.
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
        let rights = operator_rights(&mut self.tx, user).await?;
        Ok(rights.and_then(|rights| PlatformGrants::compile(self.actor, tenant, rights.held())))
    }
}

/// What `user` may do as an operator; `None` for everyone who is none.
///
/// # Errors
/// When the database fails.
pub async fn operator_rights(tx: &mut Tx, user: UserId) -> StoreResult<Option<PlatformRights>> {
    let row: Option<RightsRow> = tx.row(ReadRights { user }).await?;
    row.map(RightsRow::rights).transpose()
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
