//! Reading the log of what was read in acting sessions, for the tenant and for the persons concerned (AUT-16, AUT-17).

use crate::GovernanceStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as Id},
};
use serde::Serialize;
use tryzore_kernel::{AccessLogId, Limit, OrganizationId, Page, SessionId, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::ViewAudit};
use utoipa::ToSchema;
use uuid::Uuid;

statement! {
    struct ReadAccessLog {
        tenant: TenantId => Id,
        before: Uuid => Id,
        session: Option<SessionId> => Nullable<Id>,
        user: Option<UserId> => Nullable<Id>,
        reach: Option<Vec<OrganizationId>> => Nullable<Array<Id>>,
        rows: i64 => BigInt,
    }
    "SELECT a.id, a.kind, a.session_id, a.user_id, u.name AS user_name, a.subject_id, a.organization_id, a.operation, a.object_ids, a.at
     FROM governance.access_log a JOIN identity.users u ON u.id = a.user_id
     WHERE a.tenant_id = $1 AND a.id < $2
       AND ($3::uuid IS NULL OR a.session_id = $3) AND ($4::uuid IS NULL OR a.user_id = $4)
       AND (a.organization_id = ANY ($5)
            OR NOT EXISTS (SELECT FROM tenancy.organizations o
                           WHERE o.tenant_id = $1 AND o.status <> 'closed' AND o.id <> ALL ($5)))
     ORDER BY a.id DESC LIMIT $6"
}

statement! {
    /// What concerns a person has their id, or that of the client that they are.
    struct ReadOwnAccessLog {
        tenant: TenantId => Id,
        before: Uuid => Id,
        me: UserId => Id,
        rows: i64 => BigInt,
    }
    "SELECT a.id, a.kind, a.session_id, a.user_id, u.name AS user_name, a.subject_id, a.organization_id, a.operation, a.object_ids, a.at
     FROM governance.access_log a JOIN identity.users u ON u.id = a.user_id
     WHERE a.tenant_id = $1 AND a.id < $2
       AND a.object_ids && (ARRAY[$3] || ARRAY(SELECT c.id FROM crm.clients c WHERE c.tenant_id = $1 AND c.user_id = $3))
     ORDER BY a.id DESC LIMIT $4"
}

/// Something that was read in an acting session.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(Pg))]
pub struct AccessView {
    /// The id of the entry.
    #[diesel(sql_type = Id)]
    pub id: AccessLogId,
    /// The kind of the session: an impersonation or support access.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_rbac::ActingKind)]
    pub kind: String,
    /// The acting session.
    #[diesel(sql_type = Id)]
    pub session_id: SessionId,
    /// The person who acted.
    #[diesel(sql_type = Id)]
    pub user_id: UserId,
    /// The name of the person who acted.
    #[diesel(sql_type = Text)]
    pub user_name: String,
    /// The person whose view was shown.
    #[diesel(sql_type = Nullable<Id>)]
    pub subject_id: Option<UserId>,
    /// The location of the session.
    #[diesel(sql_type = Nullable<Id>)]
    pub organization_id: Option<OrganizationId>,
    /// What was read: the method and the route.
    #[diesel(sql_type = Text)]
    #[schema(example = "GET /api/v1/clients/{client_id}")]
    pub operation: String,
    /// The objects in the path, and the person whose view was shown.
    #[diesel(sql_type = Array<Id>)]
    pub object_ids: Vec<Uuid>,
    /// When it was read.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// The filter of the tenant's list.
#[derive(Debug, Default)]
pub struct AccessFilter {
    /// The acting session.
    pub session: Option<SessionId>,
    /// The person who acted.
    pub user: Option<UserId>,
}

impl GovernanceStore<'_> {
    /// What was read in acting sessions at the locations of `permit`, newest first. What was read at no location
    /// is shown to those who may read the audit trail at every open location.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn access_log(
        &mut self,
        permit: &Permit<ViewAudit>,
        filter: AccessFilter,
        before: Option<AccessLogId>,
        limit: Limit,
    ) -> StoreResult<Page<AccessView>> {
        let AccessFilter { session, user } = filter;
        let before = before.map_or(Uuid::max(), AccessLogId::uuid);
        let reach = permit.reach().filter().map(<[_]>::to_vec);
        let (tenant, rows) = (self.tenant, limit.fetch_limit());
        let query = ReadAccessLog { tenant, before, session, user, reach, rows };
        let rows: Vec<AccessView> = self.tx.rows(query).await?;
        Ok(Page::from_rows(rows, limit, |row| row.id))
    }

    /// What was read in acting sessions and concerns `me`, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn access_log_of(
        &mut self,
        me: UserId,
        before: Option<AccessLogId>,
        limit: Limit,
    ) -> StoreResult<Page<AccessView>> {
        let before = before.map_or(Uuid::max(), AccessLogId::uuid);
        let query = ReadOwnAccessLog { tenant: self.tenant, before, me, rows: limit.fetch_limit() };
        let rows: Vec<AccessView> = self.tx.rows(query).await?;
        Ok(Page::from_rows(rows, limit, |row| row.id))
    }
}
