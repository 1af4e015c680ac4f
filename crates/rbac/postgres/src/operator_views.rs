//! Operators as operators see them: the list, and one operator with the grounds of each permission.

use crate::RbacStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tryzore_kernel::{AuditEntry, Journal, Limit, Page, StoreResult, UserId};
use tryzore_postgres::{
    column::{document, from_text},
    scopes::AllTenants,
    statement,
};
use tryzore_rbac::{
    Effect, PlatformOverride, PlatformRights, PlatformRole, PlatformSlug,
    explain::{Explanation, Ground},
    operators::OperatorStatus,
};
use utoipa::ToSchema;

/// The filter of the list of operators.
#[derive(Debug, Clone, Copy, Default)]
pub struct OperatorFilter {
    /// Only operators with this status; `None` means the active ones.
    pub status: Option<OperatorStatus>,
    /// Only operators with this role.
    pub role: Option<PlatformRole>,
}

/// The position where a page of the list starts: after the operator with this name and id.
pub type OperatorKey = (String, UserId);

/// An operator in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct OperatorLine {
    /// The user.
    #[diesel(sql_type = Uuid)]
    pub id: UserId,
    /// The name of the user.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The email address of the user.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    /// The role.
    #[diesel(sql_type = Text)]
    #[schema(value_type = PlatformRole)]
    pub role: String,
    /// The status: `active` or `dismissed`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = OperatorStatus)]
    pub status: String,
    /// When the operator was appointed, got the role, or was dismissed, whichever was last.
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    /// The number of overrides beside the role.
    #[diesel(sql_type = BigInt)]
    pub overrides: i64,
    /// The version to send in `If-Match`.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

/// An override of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorOverrideView {
    /// The slug or the wildcard.
    #[schema(example = "platform.replay_jobs")]
    pub pattern: String,
    /// The effect: `allow` or `deny`.
    pub effect: Effect,
    /// The reason.
    pub reason: String,
    /// The operator who set it; null for whoever owns the database.
    pub set_by_user_id: Option<UserId>,
    /// When it was set.
    pub set_at: DateTime<Utc>,
}

/// Whether an operator has a permission, and the deciding rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionGround {
    /// The slug of the permission.
    #[schema(example = "platform.view_tenants")]
    pub permission: &'static str,
    /// What the permission allows.
    pub description: &'static str,
    /// Whether the operator has the permission.
    pub allowed: bool,
    /// The deciding rule. `by` is `deny_override`, `allow_override`, `role` or `default`; the other fields are the
    /// pattern and the role.
    #[schema(value_type = Object, example = json!({"by": "role", "role": "Support Admin", "pattern": "platform.view_jobs", "scope": "platform"}))]
    pub because: Ground,
    /// Other rules that grant the permission too: removing only one of them changes nothing.
    #[schema(value_type = Vec<Object>)]
    pub also: Vec<Ground>,
}

/// An operator with the grounds of each permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorDetail {
    /// The fields of the list; `overrides` are listed in full in `set_overrides`.
    #[serde(flatten)]
    pub operator: OperatorLine,
    /// The operator who appointed or dismissed them or gave them the role; null for whoever owns the database.
    pub set_by_user_id: Option<UserId>,
    /// The reason of that.
    pub because: String,
    /// The overrides, by pattern.
    pub set_overrides: Vec<OperatorOverrideView>,
    /// Every permission of the platform, in the order of the catalogue.
    pub permissions: Vec<PermissionGround>,
}

/// The columns of a list row for the operator `o`.
macro_rules! line {
    () => {
        "o.user_id AS id, n.name, n.email, o.role, o.status, o.since, o.version,
         (SELECT count(*) FROM platform.operator_overrides v WHERE v.user_id = o.user_id) AS overrides
     FROM platform.operators o JOIN platform.operator_names n ON n.user_id = o.user_id "
    };
}

statement! {
    struct ListOperators {
        status: &'static str => Text,
        role: Option<&'static str> => Nullable<Text>,
        name: Option<String> => Nullable<Text>,
        id: Option<UserId> => Nullable<Uuid>,
        rows: i64 => BigInt,
    }
    concat!("SELECT ", line!(),
     "WHERE o.status = $1 AND ($2 IS NULL OR o.role = $2)
       AND ($3 IS NULL OR (lower(n.name), o.user_id) > (lower($3), $4))
     ORDER BY lower(n.name), o.user_id
     LIMIT $5")
}

statement! {
    struct OpenOperator { id: UserId => Uuid }
    concat!("SELECT o.set_by, o.because,
         coalesce((SELECT jsonb_agg(jsonb_build_object('pattern', v.pattern, 'effect', v.effect,
                       'reason', v.because, 'set_by', v.set_by, 'set_at', v.set_at) ORDER BY v.pattern)
                   FROM platform.operator_overrides v WHERE v.user_id = o.user_id), '[]') AS set_overrides, ",
     line!(), "WHERE o.user_id = $1")
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct OpenedRow {
    #[diesel(embed)]
    operator: OperatorLine,
    #[diesel(sql_type = Nullable<Uuid>)]
    set_by: Option<UserId>,
    #[diesel(sql_type = Text)]
    because: String,
    #[diesel(sql_type = Jsonb)]
    set_overrides: Value,
}

// As the database writes it: ids without their prefix.
#[derive(Deserialize)]
struct OverrideRow {
    pattern: String,
    effect: Effect,
    reason: String,
    set_by: Option<uuid::Uuid>,
    set_at: DateTime<Utc>,
}

impl OpenedRow {
    fn detail(self) -> StoreResult<OperatorDetail> {
        let rows: Vec<OverrideRow> = document("operator_overrides", self.set_overrides)?;
        let known = rows.iter().filter_map(|row| {
            Some(PlatformOverride { pattern: row.pattern.parse().ok()?, effect: row.effect })
        });
        let rights = PlatformRights { role: from_text(&self.operator.role)?, overrides: known.collect() };
        let is_active = from_text::<OperatorStatus>(&self.operator.status)? == OperatorStatus::Active;
        let permissions = PlatformSlug::ALL.map(|slug| {
            let Explanation { permission, allowed, because, also, .. } = match is_active {
                true => rights.explain(slug),
                false => Explanation {
                    permission: slug.as_str(),
                    allowed: false,
                    because: Ground::Default,
                    also: Vec::new(),
                    ended: Vec::new(),
                },
            };
            PermissionGround { permission, description: slug.description(), allowed, because, also }
        });
        let view = |row: OverrideRow| OperatorOverrideView {
            pattern: row.pattern,
            effect: row.effect,
            reason: row.reason,
            set_by_user_id: row.set_by.map(UserId::from),
            set_at: row.set_at,
        };
        Ok(OperatorDetail {
            operator: self.operator,
            set_by_user_id: self.set_by,
            because: self.because,
            set_overrides: rows.into_iter().map(view).collect(),
            permissions: permissions.into(),
        })
    }
}

impl RbacStore<'_, AllTenants> {
    /// The operators that match `filter`, by name. `after` is the key of the last row of the previous page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operators_list(
        &mut self,
        filter: OperatorFilter,
        after: Option<OperatorKey>,
        limit: Limit,
    ) -> StoreResult<Page<OperatorLine>> {
        let (name, id) = after.unzip();
        let status = filter.status.unwrap_or(OperatorStatus::Active).as_str();
        let role = filter.role.map(PlatformRole::as_str);
        let rows = self.tx.rows(ListOperators { status, role, name, id, rows: limit.fetch_limit() }).await?;
        Ok(Page::from_rows(rows, limit, |row: &OperatorLine| (row.name.clone(), row.id)))
    }

    /// The operator `id`, also a dismissed one. Reading is recorded in the audit trail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_open(&mut self, id: UserId) -> StoreResult<Option<OperatorDetail>> {
        let row: Option<OpenedRow> = self.tx.row(OpenOperator { id }).await?;
        let Some(row) = row else { return Ok(None) };
        self.audit_append(AuditEntry {
            action: "operators.open",
            target: id.uuid(),
            subject: Some(id),
            organizations: Vec::new(),
            details: json!({}),
        });
        row.detail().map(Some)
    }
}
