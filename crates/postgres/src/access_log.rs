//! The log of what was read in acting sessions (AUT-16, AUT-17), which the tenant and the persons concerned can read.

use crate::{RequestOrigin, statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as Id};
use tryzore_kernel::{AccessLogId, SessionId, TenantId, UserId};
use tryzore_rbac::ActingKind;
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
        kind: &'static str => Text,
        operation: String => Text,
        objects: Vec<Uuid> => Array<Id>,
        ip_address: Option<String> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO governance.access_log
         (tenant_id, id, session_id, user_id, subject_id, kind, operation, object_ids, ip_address, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
}

impl Access {
    /// The row of the log for the person, the session, the kind and the subject of an acting session.
    pub(crate) fn row(
        self,
        (tenant, now): (TenantId, DateTime<Utc>),
        (user, session, kind, subject): (UserId, SessionId, ActingKind, Option<UserId>),
    ) -> InsertAccess {
        let mut objects = self.objects;
        // What concerns a person is found by the ids of the row.
        objects.extend(subject.map(UserId::uuid));
        InsertAccess {
            tenant,
            id: AccessLogId::generate(now),
            session,
            user,
            subject,
            kind: kind.as_str(),
            operation: self.operation,
            objects,
            ip_address: RequestOrigin::current().ip_address.map(|ip| ip.to_string()),
            at: now,
        }
    }
}
