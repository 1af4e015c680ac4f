//! Storing invitations.

use crate::TenancyStore;
use tryzore_postgres::column::{corrupt, from_text, parsed};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_kernel::{Email, InvitationId, OrganizationId, RoleId, StoreResult, TenantId, UserId};
use tryzore_rbac::{Slug, manage::role::names};
use tryzore_schema::{identity::users, tenancy::invitations};
use tryzore_tenancy::{
    TokenHash,
    staff::{Invitation, InvitationState, Invitations, Invitee, Invitees},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = invitations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct InvitationRow {
    tenant_id: TenantId,
    id: InvitationId,
    email: String,
    name: String,
    phone: Option<String>,
    role_id: RoleId,
    primary_organization_id: OrganizationId,
    organization_ids: Vec<OrganizationId>,
    reviewed_permissions: Vec<String>,
    token_hash: Option<Vec<u8>>,
    status: String,
    status_at: DateTime<Utc>,
    sent_count: i32,
    expires_at: DateTime<Utc>,
    invited_by: Option<UserId>,
    accepted_by: Option<UserId>,
    version: i32,
    created_at: DateTime<Utc>,
    reviewed_scope: String,
    role_expires_at: Option<DateTime<Utc>>,
}

impl InvitationRow {
    fn new(tenant: TenantId, invitation: &Invitation) -> StoreResult<Self> {
        let (status, status_at, accepted_by) = match invitation.state {
            InvitationState::Pending => ("pending", invitation.created_at, None),
            InvitationState::Accepted { by, at } => ("accepted", at, Some(by)),
            InvitationState::Revoked { at } => ("revoked", at, None),
        };
        let primary =
            invitation.organizations.first().ok_or_else(|| corrupt("invitations.organization_ids"))?;
        Ok(Self {
            tenant_id: tenant,
            id: invitation.id,
            email: invitation.email.to_string(),
            name: invitation.name.clone(),
            phone: invitation.phone.as_ref().map(ToString::to_string),
            role_id: invitation.role,
            primary_organization_id: *primary,
            organization_ids: invitation.organizations.clone(),
            reviewed_permissions: names(invitation.reviewed).into_iter().map(Into::into).collect(),
            reviewed_scope: invitation.reviewed_scope.as_str().into(),
            role_expires_at: invitation.role_expires_at,
            token_hash: invitation.token.map(|token| token.as_bytes().to_vec()),
            status: status.into(),
            status_at,
            sent_count: invitation.sent_count,
            expires_at: invitation.expires_at,
            invited_by: invitation.invited_by,
            accepted_by,
            version: invitation.version,
            created_at: invitation.created_at,
        })
    }

    fn invitation(self) -> StoreResult<Invitation> {
        let state = match (self.status.as_str(), self.accepted_by) {
            ("pending", None) => InvitationState::Pending,
            ("accepted", Some(by)) => InvitationState::Accepted { by, at: self.status_at },
            ("revoked", None) => InvitationState::Revoked { at: self.status_at },
            _ => return Err(corrupt("invitations.status")),
        };
        let hash =
            |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| corrupt("invitations.token_hash"));
        Ok(Invitation {
            id: self.id,
            email: parsed("invitations.email", &self.email)?,
            name: self.name,
            phone: self.phone.as_deref().map(|text| parsed("invitations.phone", text)).transpose()?,
            role: self.role_id,
            organizations: self.organization_ids,
            // A permission that the product no longer has is left out.
            reviewed: self.reviewed_permissions.iter().filter_map(|text| Slug::find(text)).collect(),
            reviewed_scope: from_text(&self.reviewed_scope)?,
            role_expires_at: self.role_expires_at,
            token: self.token_hash.map(hash).transpose()?.map(TokenHash::from),
            state,
            sent_count: self.sent_count,
            expires_at: self.expires_at,
            invited_by: self.invited_by,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

impl Invitations for TenancyStore<'_> {
    async fn invitation_insert(&mut self, invitation: &Invitation) -> StoreResult<bool> {
        let insert =
            diesel::insert_into(invitations::table).values(InvitationRow::new(self.tenant, invitation)?);
        Ok(self.tx.execute(insert.on_conflict_do_nothing()).await? == 1)
    }

    async fn invitation_lock(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
        let of_id =
            invitations::table.filter(invitations::tenant_id.eq(self.tenant)).filter(invitations::id.eq(id));
        let row: Option<InvitationRow> = self.tx.row(of_id.for_no_key_update()).await?;
        row.map(InvitationRow::invitation).transpose()
    }

    async fn invitation_lock_by_token(&mut self, token: &TokenHash) -> StoreResult<Option<Invitation>> {
        let of_token = invitations::table
            .filter(invitations::tenant_id.eq(self.tenant))
            .filter(invitations::token_hash.eq(token.as_bytes().to_vec()));
        let row: Option<InvitationRow> = self.tx.row(of_token.for_no_key_update()).await?;
        row.map(InvitationRow::invitation).transpose()
    }

    async fn invitation_lock_pending_at(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Vec<Invitation>> {
        let pending = invitations::table
            .filter(invitations::tenant_id.eq(self.tenant))
            .filter(invitations::status.eq("pending"))
            .filter(invitations::organization_ids.contains(vec![organization]))
            .order(invitations::id);
        let rows: Vec<InvitationRow> = self.tx.rows(pending.for_no_key_update()).await?;
        rows.into_iter().map(InvitationRow::invitation).collect()
    }

    async fn invitation_update(&mut self, invitation: &Invitation) -> StoreResult<()> {
        let of_id = invitations::table
            .filter(invitations::tenant_id.eq(self.tenant))
            .filter(invitations::id.eq(invitation.id));
        self.tx.defer(diesel::update(of_id).set(InvitationRow::new(self.tenant, invitation)?));
        Ok(())
    }
}

impl Invitees for TenancyStore<'_> {
    async fn invitee_find(&mut self, email: &Email) -> StoreResult<Invitee> {
        let user = users::table.filter(users::email.eq(email.to_string())).select((
            users::id,
            users::status,
            users::deactivated_at,
        ));
        let user: Option<(UserId, String, Option<DateTime<Utc>>)> = self.tx.row(user).await?;
        Ok(match user {
            // An active user always has a verified address (the constraint `users_active`).
            Some((id, status, _)) if status == "active" => Invitee::Active(id),
            Some((_, status, Some(at))) if status == "deactivated" => Invitee::Closed { at },
            _ => Invitee::Unclaimed,
        })
    }
}
