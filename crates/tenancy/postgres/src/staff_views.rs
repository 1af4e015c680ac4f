//! Lists of employees and invitations.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    Cursor, InvitationId, Limit, OrganizationId, Page, Problem, RoleId, StoreError, StoreResult, TenantId,
    UserId,
};
use tryzore_postgres::{column::document, statement};
use tryzore_rbac::{Permit, catalogue::ManageStaff};
use tryzore_schema::tenancy::{invitations, organizations};
use tryzore_tenancy::staff::{Invitation, InvitationState};
use utoipa::ToSchema;

/// The assignment of a role at a location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentView {
    /// The location.
    pub organization_id: OrganizationId,
    /// The name of the location.
    pub organization_name: String,
    /// The role.
    pub role_id: RoleId,
    /// The name of the role.
    pub role_name: String,
    /// Whether the location is the employee's primary location.
    pub is_primary: bool,
    /// When the assignment began.
    pub since: DateTime<Utc>,
    /// When the assignment ends; null means never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the assignment has ended: it grants nothing any more.
    pub is_expired: bool,
}

/// An employee of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffView {
    /// The user.
    pub user_id: UserId,
    /// The name of the employee.
    pub name: String,
    /// The email address that the tenant uses.
    pub email: String,
    /// The phone number of the employee.
    pub phone: Option<String>,
    /// When the employee joined.
    pub joined_at: DateTime<Utc>,
    /// The assignments of the employee, as far as the caller sees them.
    pub assignments: Vec<AssignmentView>,
}

/// An invitation to join the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvitationView {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The name of the invited person.
    pub name: String,
    /// The address that the mail went to.
    pub email: String,
    /// The phone number of the invited person.
    pub phone: Option<String>,
    /// The offered role.
    pub role_id: RoleId,
    /// The offered locations, the primary one first.
    pub organization_ids: Vec<OrganizationId>,
    /// `pending`, `expired`, `accepted` or `revoked`.
    #[schema(value_type = crate::shapes::InvitationStatus)]
    pub status: String,
    /// How often it was sent.
    pub sent_count: i32,
    /// When the invitation expires.
    pub expires_at: DateTime<Utc>,
    /// When the offered role ends; null means never.
    pub role_expires_at: Option<DateTime<Utc>>,
    /// The user who sent the invitation.
    pub invited_by_user_id: Option<UserId>,
    /// The user who accepted the invitation.
    pub accepted_by_user_id: Option<UserId>,
    /// When the invitation was created.
    pub created_at: DateTime<Utc>,
}

statement! {
    /// Employees after `name` and `user` with an assignment at one of `reach` (null means everywhere); only
    /// the employee `only`, if it is set.
    struct ListStaff {
        tenant: TenantId => sql_types::Uuid,
        reach: Option<Vec<OrganizationId>> => sql_types::Nullable<sql_types::Array<sql_types::Uuid>>,
        name: Option<String> => sql_types::Nullable<sql_types::Text>,
        user: Option<UserId> => sql_types::Nullable<sql_types::Uuid>,
        rows: i64 => sql_types::BigInt,
        only: Option<UserId> => sql_types::Nullable<sql_types::Uuid>,
        now: DateTime<Utc> => sql_types::Timestamptz,
    }
    "SELECT e.user_id, e.name, e.email, e.phone, e.joined_at, held.assignments
     FROM tenancy.employees e
     CROSS JOIN LATERAL (
         SELECT jsonb_agg(jsonb_build_object(
                    'organization_id', o.id, 'organization_name', o.name, 'role_id', r.id,
                    'role_name', r.name,
                    'is_primary', a.is_primary, 'since', a.created_at, 'expires_at', a.expires_at,
                    'is_expired', coalesce(a.expires_at <= $7, false)) ORDER BY a.is_primary DESC, o.name) AS assignments
         FROM rbac.assignments a
         JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = a.organization_id
         JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id
         WHERE a.tenant_id = $1 AND a.user_id = e.user_id AND ($2 IS NULL OR a.organization_id = ANY ($2))) held
     WHERE e.tenant_id = $1 AND held.assignments IS NOT NULL
       AND ($3 IS NULL OR (lower(e.name), e.user_id) > (lower($3), $4))
       AND ($6 IS NULL OR e.user_id = $6)
     ORDER BY lower(e.name), e.user_id
     LIMIT $5"
}

#[derive(QueryableByName)]
struct EmployeeRow {
    #[diesel(sql_type = sql_types::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Text)]
    email: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    phone: Option<String>,
    #[diesel(sql_type = sql_types::Timestamptz)]
    joined_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Jsonb)]
    assignments: serde_json::Value,
}

impl TryFrom<EmployeeRow> for StaffView {
    type Error = StoreError;

    fn try_from(row: EmployeeRow) -> Result<Self, StoreError> {
        Ok(Self {
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            joined_at: row.joined_at,
            assignments: document("assignments", row.assignments)?,
        })
    }
}

#[derive(HasQuery)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    id: InvitationId,
    name: String,
    email: String,
    phone: Option<String>,
    role_id: RoleId,
    organization_ids: Vec<OrganizationId>,
    status: String,
    sent_count: i32,
    expires_at: DateTime<Utc>,
    role_expires_at: Option<DateTime<Utc>>,
    invited_by: Option<UserId>,
    accepted_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl InvitationRow {
    fn view(self, now: DateTime<Utc>) -> InvitationView {
        InvitationView {
            id: self.id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            role_id: self.role_id,
            organization_ids: self.organization_ids,
            status: shown(self.status, self.expires_at, now),
            sent_count: self.sent_count,
            expires_at: self.expires_at,
            role_expires_at: self.role_expires_at,
            invited_by_user_id: self.invited_by,
            accepted_by_user_id: self.accepted_by,
            created_at: self.created_at,
        }
    }
}

impl InvitationView {
    /// The view of `invitation` at `now`.
    #[must_use]
    pub fn new(invitation: Invitation, now: DateTime<Utc>) -> Self {
        let (status, accepted_by_user_id) = match invitation.state {
            InvitationState::Pending => ("pending", None),
            InvitationState::Accepted { by, .. } => ("accepted", Some(by)),
            InvitationState::Revoked { .. } => ("revoked", None),
        };
        Self {
            id: invitation.id,
            name: invitation.name,
            email: invitation.email.to_string(),
            phone: invitation.phone.map(|phone| phone.to_string()),
            role_id: invitation.role,
            organization_ids: invitation.organizations,
            status: shown(status.to_owned(), invitation.expires_at, now),
            sent_count: invitation.sent_count,
            expires_at: invitation.expires_at,
            role_expires_at: invitation.role_expires_at,
            invited_by_user_id: invitation.invited_by,
            accepted_by_user_id,
            created_at: invitation.created_at,
        }
    }
}

// The stored status, or `expired` for an invitation that waited too long.
fn shown(status: String, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if status == "pending" && expires_at <= now { "expired".to_owned() } else { status }
}

impl TenancyStore<'_> {
    /// A page of the employees who work where the caller manages staff, by name.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub async fn staff_list(
        &mut self,
        permit: &Permit<ManageStaff>,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<StaffView>, Problem> {
        let after: Option<(String, UserId)> = cursor.map(Cursor::decode).transpose()?;
        let (name, user) = after.unzip();
        let list = ListStaff {
            tenant: self.tenant,
            reach: permit.reach().filter().map(<[_]>::to_vec),
            name,
            user,
            rows: limit.fetch_limit(),
            only: None,
            now: self.now,
        };
        let rows: Vec<EmployeeRow> = self.tx.rows(list).await?;
        let views = rows.into_iter().map(StaffView::try_from).collect::<StoreResult<_>>()?;
        Ok(Page::from_rows(views, limit, |view: &StaffView| (view.name.clone(), view.user_id)))
    }

    /// One employee, as in the list, with what this transaction has changed; `None` for an employee who works
    /// where the caller does not manage staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn staff_view(
        &mut self,
        permit: &Permit<ManageStaff>,
        user: UserId,
    ) -> StoreResult<Option<StaffView>> {
        let reach = permit.reach().filter().map(<[_]>::to_vec);
        let (tenant, now) = (self.tenant, self.now);
        let one = ListStaff { tenant, reach, name: None, user: None, rows: 1, only: Some(user), now };
        let rows: Vec<EmployeeRow> = self.tx.rows(one).await?;
        rows.into_iter().next().map(StaffView::try_from).transpose()
    }

    /// A page of the invitations to locations where the caller manages staff, newest first. Closed
    /// locations do not count: an open invitation without any open location is shown to everyone who
    /// manages staff anywhere, so that they can revoke it.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub async fn invitation_list(
        &mut self,
        permit: &Permit<ManageStaff>,
        limit: Limit,
        cursor: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Page<InvitationView>, Problem> {
        let visible = match permit.reach().filter() {
            Some(reach) => Some((reach.to_vec(), self.closed_organizations().await?)),
            None => None,
        };
        let mut list = InvitationRow::query()
            .filter(invitations::tenant_id.eq(self.tenant))
            .order(invitations::id.desc())
            .limit(limit.fetch_limit())
            .into_boxed();
        if let Some((reach, closed)) = visible {
            let at_one = invitations::organization_ids.overlaps_with(reach.clone());
            list = list
                .filter(invitations::organization_ids.is_contained_by([reach, closed].concat()))
                .filter(at_one.or(invitations::status.eq("pending")));
        }
        if let Some(cursor) = cursor {
            let id: InvitationId = Cursor::decode(cursor)?;
            list = list.filter(invitations::id.lt(id));
        }
        let rows: Vec<InvitationRow> = self.tx.rows(list).await?;
        let views = rows.into_iter().map(|row| row.view(now));
        Ok(Page::from_rows(views.collect(), limit, |view| view.id))
    }

    async fn closed_organizations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        let closed = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::status.eq("closed"))
            .select(organizations::id);
        self.tx.rows(closed).await
    }
}
