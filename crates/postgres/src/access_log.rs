//! The log of what was read in acting sessions (AUT-16, AUT-17), which the tenant and the persons concerned can read.

use crate::{RequestOrigin, statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as Id};
use tryzore_kernel::{AccessLogId, OrganizationId, SessionId, TenantId, UserId};
use tryzore_rbac::{Actor, Grants};
use uuid::Uuid;

/// Something that is about to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The method and the route, such as `GET /api/v1/clients/{client_id}`.
    pub operation: String,
    /// The ids in the path.
    pub objects: Vec<Uuid>,
}

statement! {
    pub(crate) struct InsertAccess {
        tenant: TenantId => Id,
        id: AccessLogId => Id,
        session: SessionId => Id,
        user: UserId => Id,
        subject: Option<UserId> => Nullable<Id>,
        organization: Option<OrganizationId> => Nullable<Id>,
        kind: &'static str => Text,
        operation: String => Text,
        objects: Vec<Uuid> => Array<Id>,
        ip_address: Option<String> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO governance.access_log
         (tenant_id, id, session_id, user_id, subject_id, organization_id, kind, operation, object_ids, ip_address, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
}

impl Access {
    /// The row of the log for an acting session with `grants`; `None` for any other caller.
    pub(crate) fn row(self, grants: &Grants, now: DateTime<Utc>) -> Option<InsertAccess> {
        let Actor::Acting { user, session, kind, subject } = grants.actor() else { return None };
        let mut objects = self.objects;
        // What concerns a person is found by the ids of the row.
        objects.extend(subject.map(UserId::uuid));
        Some(InsertAccess {
            tenant: grants.tenant(),
            id: AccessLogId::generate(now),
            session,
            user,
            subject,
            organization: grants.organization(),
            kind: kind.as_str(),
            operation: self.operation,
            objects,
            ip_address: RequestOrigin::current().ip_address.map(|ip| ip.to_string()),
            at: now,
        })
    }
}
