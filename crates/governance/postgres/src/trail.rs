//! Reading the audit trail, for those who manage roles (CMP-03).
//!
//! **Who sees a line.** A line is shown to those who may read the trail at every location of the line. A
//! line without a location, or with a location that is closed by now, is shown to those who may read the
//! trail at every open location.
//!
//! **Order.** Ids contain the time of the line, so the primary key is in the order of time: a page, and a
//! period of time, is a range of that index.

use crate::GovernanceStore;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as Id},
};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{AuditId, Limit, OrganizationId, Page, Problem, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;
use tryzore_rbac::{ActorView, Permit, catalogue::ViewAudit, permit::OutOfReach};
use tryzore_schema::governance::audit_log;
use utoipa::ToSchema;
use uuid::Uuid;

/// The statement that reads a page of the trail, public so that a test can check its plan.
pub const TRAIL: &str = "
    SELECT id, actor, subject_id, action, target_id, organization_ids, details, ip_address, user_agent, at
    FROM governance.audit_log
    WHERE tenant_id = $1 AND id < $2 AND id >= $3
      AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
      AND ($6::text IS NULL OR actor ->> 'user' = $6)
      AND ($7::text IS NULL OR action = $7)
      AND ($8::uuid IS NULL OR organization_ids @> ARRAY[$8])
      AND (organization_ids <> '{}' AND organization_ids <@ $9
           OR NOT EXISTS (SELECT FROM tenancy.organizations o
                          WHERE o.tenant_id = $1 AND o.status <> 'closed' AND o.id <> ALL ($9)))
    ORDER BY id DESC LIMIT $10";

statement! {
    struct ReadTrail {
        tenant: TenantId => Id,
        before: Uuid => Id,
        since: Uuid => Id,
        from: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        to: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        actor: Option<String> => Nullable<Text>,
        action: Option<String> => Nullable<Text>,
        organization: Option<OrganizationId> => Nullable<Id>,
        reach: Option<Vec<OrganizationId>> => Nullable<Array<Id>>,
        rows: i64 => BigInt,
    }
    TRAIL
}

/// A line of the audit trail.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
#[diesel(table_name = audit_log, check_for_backend(Pg))]
pub struct AuditView {
    /// The id of the line.
    pub id: AuditId,
    /// The actor: a person with their session, a key of a service, or a part of the product.
    #[schema(value_type = ActorView)]
    #[serde(serialize_with = "ActorView::of_stored")]
    pub actor: Value,
    /// The person whom the action concerns.
    pub subject_id: Option<UserId>,
    /// The action, such as `roles.edit`.
    pub action: String,
    /// The id of the object of the action.
    pub target_id: Uuid,
    /// The locations that the action concerns.
    pub organization_ids: Vec<OrganizationId>,
    /// The change.
    #[schema(value_type = Object)]
    pub details: Value,
    /// The address that the request came from; null for actions of the product itself.
    pub ip_address: Option<String>,
    /// The user agent of the request.
    pub user_agent: Option<String>,
    /// The time of the action.
    pub at: DateTime<Utc>,
}

/// The filter of the list.
#[derive(Debug, Default)]
pub struct TrailFilter {
    /// The start of the period, included.
    pub from: Option<DateTime<Utc>>,
    /// The end of the period, excluded.
    pub to: Option<DateTime<Utc>>,
    /// The person who acted.
    pub actor: Option<UserId>,
    /// The action.
    pub action: Option<String>,
    /// The location that the action concerns.
    pub organization: Option<OrganizationId>,
}

impl GovernanceStore<'_> {
    /// The lines of the trail within the reach of `permit`, newest first, older than `before`.
    ///
    /// # Errors
    /// 404 for a location that the caller does not see, 403 for a location where the caller may not read
    /// the trail.
    pub async fn audit_trail(
        &mut self,
        permit: &Permit<ViewAudit>,
        filter: TrailFilter,
        before: Option<AuditId>,
        limit: Limit,
    ) -> Result<Page<AuditView>, Problem> {
        if let Some(organization) = filter.organization {
            permit.at(organization).map_err(|beyond| match beyond {
                OutOfReach::Hidden => Problem::not_found("organization"),
                OutOfReach::Denied(denial) => denial.into(),
            })?;
        }
        let TrailFilter { from, to, actor, action, organization } = filter;
        let query = ReadTrail {
            tenant: self.tenant,
            before: before.map_or(Uuid::max(), AuditId::uuid).min(to.map_or(Uuid::max(), first_after)),
            since: from.map_or(Uuid::nil(), first_at),
            from,
            to,
            actor: actor.map(|user| user.to_string()),
            action,
            organization,
            reach: permit.reach().filter().map(<[_]>::to_vec),
            rows: limit.fetch_limit(),
        };
        let rows: StoreResult<Vec<AuditView>> = self.tx.rows(query).await;
        Ok(Page::from_rows(rows?, limit, |line| line.id))
    }
}

// The lowest id in the millisecond of `at`, which is in the first 48 bits (RFC 9562, section 5.7).
fn first_at(at: DateTime<Utc>) -> Uuid {
    Uuid::from_u128(u128::try_from(at.timestamp_millis()).unwrap_or_default() << 80)
}

// The lowest id in the millisecond after that of `at`.
fn first_after(at: DateTime<Utc>) -> Uuid {
    at.checked_add_signed(TimeDelta::milliseconds(1)).map_or(Uuid::max(), first_at)
}
