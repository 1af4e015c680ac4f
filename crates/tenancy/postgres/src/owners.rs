//! Storing owner accounts, in any transaction; their locations, and the members of a tenant.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types};
use tryzore_kernel::{Email, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{from_text, parsed},
    scopes::Scope,
    statement,
};
use tryzore_schema::tenancy::{memberships, owner_accounts, owner_organizations};
use tryzore_tenancy::{Members, OwnerAccount, OwnerAccounts, OwnerRole, Owners};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = owner_accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct OwnerRow {
    id: OwnerAccountId,
    user_id: Option<UserId>,
    email: String,
    name: String,
    is_enterprise: bool,
    billing_email: Option<String>,
    onboarding_completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl OwnerRow {
    fn new(owner: &OwnerAccount) -> Self {
        Self {
            id: owner.id,
            user_id: owner.user,
            email: owner.email.to_string(),
            name: owner.name.clone(),
            is_enterprise: owner.is_enterprise,
            billing_email: owner.billing_email.as_ref().map(ToString::to_string),
            onboarding_completed_at: owner.onboarding_completed_at,
            created_at: owner.created_at,
            updated_at: owner.updated_at,
        }
    }

    fn owner(self) -> StoreResult<OwnerAccount> {
        let billing = self.billing_email.as_deref().map(|text| parsed("owner_accounts.billing_email", text));
        Ok(OwnerAccount {
            id: self.id,
            user: self.user_id,
            email: parsed("owner_accounts.email", &self.email)?,
            name: self.name,
            is_enterprise: self.is_enterprise,
            billing_email: billing.transpose()?,
            onboarding_completed_at: self.onboarding_completed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

statement! {
    /// The row of a user refers to the owner account that the user signs in to (TEN-05). This is the only
    /// statement that writes the column.
    struct ShowOwner { owner: OwnerAccountId => sql_types::Uuid, user: UserId => sql_types::Uuid }
    "UPDATE identity.users SET owner_account_id = $1 WHERE id = $2 AND owner_account_id IS DISTINCT FROM $1"
}

impl<S: Scope> OwnerAccounts for TenancyStore<'_, S> {
    async fn owner_lock(&mut self, id: OwnerAccountId) -> StoreResult<Option<OwnerAccount>> {
        let row: Option<OwnerRow> = self.tx.row(owner_accounts::table.find(id).for_no_key_update()).await?;
        row.map(OwnerRow::owner).transpose()
    }

    async fn owner_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<OwnerAccount>> {
        let of_email = owner_accounts::table.filter(owner_accounts::email.eq(email.to_string()));
        let row: Option<OwnerRow> = self.tx.row(of_email.for_no_key_update()).await?;
        row.map(OwnerRow::owner).transpose()
    }

    async fn owner_lock_by_user(&mut self, user: UserId) -> StoreResult<Option<OwnerAccount>> {
        let of_user = owner_accounts::table.filter(owner_accounts::user_id.eq(user));
        let row: Option<OwnerRow> = self.tx.row(of_user.for_no_key_update()).await?;
        row.map(OwnerRow::owner).transpose()
    }

    async fn owner_insert(&mut self, owner: &OwnerAccount) -> StoreResult<bool> {
        let insert = diesel::insert_into(owner_accounts::table).values(OwnerRow::new(owner));
        if self.tx.execute(insert.on_conflict_do_nothing()).await? == 0 {
            return Ok(false);
        }
        if let Some(user) = owner.user {
            self.tx.defer(ShowOwner { owner: owner.id, user });
        }
        Ok(true)
    }

    async fn owner_update(&mut self, owner: &OwnerAccount) -> StoreResult<()> {
        self.tx.defer(diesel::update(owner_accounts::table.find(owner.id)).set(OwnerRow::new(owner)));
        if let Some(user) = owner.user {
            self.tx.defer(ShowOwner { owner: owner.id, user });
        }
        Ok(())
    }
}

impl Owners for TenancyStore<'_> {
    async fn owners_of(
        &mut self,
        organization: Option<OrganizationId>,
    ) -> StoreResult<Vec<(OwnerAccountId, OwnerRole)>> {
        use owner_organizations::{organization_id, owner_account_id, role, tenant_id};
        let links = owner_organizations::table
            .filter(tenant_id.eq(self.tenant))
            .select((owner_account_id, role))
            .order(owner_account_id)
            .distinct();
        let rows: Vec<(OwnerAccountId, String)> = match organization {
            Some(at) => self.tx.rows(links.filter(organization_id.eq(at))).await?,
            None => self.tx.rows(links.filter(role.eq(OwnerRole::Owner.as_str()))).await?,
        };
        rows.into_iter().map(|(owner, text)| Ok((owner, from_text(&text)?))).collect()
    }

    async fn owner_link(
        &mut self,
        owner: OwnerAccountId,
        organization: OrganizationId,
        role: OwnerRole,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(owner_organizations::table).values((
            owner_organizations::tenant_id.eq(self.tenant),
            owner_organizations::owner_account_id.eq(owner),
            owner_organizations::organization_id.eq(organization),
            owner_organizations::role.eq(role.as_str()),
            owner_organizations::added_at.eq(now),
        )));
        Ok(())
    }
}

statement! {
    /// A client or an owner stays a member.
    struct ReleaseMember { tenant: TenantId => sql_types::Uuid, user: UserId => sql_types::Uuid }
    "DELETE FROM tenancy.memberships
     WHERE user_id = $2 AND tenant_id = $1
       AND NOT EXISTS (SELECT FROM crm.clients c WHERE c.tenant_id = $1 AND c.user_id = $2)
       AND NOT EXISTS (SELECT FROM tenancy.owner_organizations oo
                       JOIN tenancy.owner_accounts oa ON oa.id = oo.owner_account_id
                       WHERE oo.tenant_id = $1 AND oa.user_id = $2)"
}

impl Members for TenancyStore<'_> {
    async fn member_put(
        &mut self,
        user: UserId,
        home: OrganizationId,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.tx.defer(
            diesel::insert_into(memberships::table)
                .values((
                    memberships::user_id.eq(user),
                    memberships::tenant_id.eq(self.tenant),
                    memberships::home_organization_id.eq(home),
                    memberships::since.eq(now),
                ))
                .on_conflict((memberships::user_id, memberships::tenant_id))
                .do_update()
                .set(memberships::home_organization_id.eq(home)),
        );
        Ok(())
    }

    async fn member_release(&mut self, user: UserId) -> StoreResult<()> {
        self.tx.defer(ReleaseMember { tenant: self.tenant, user });
        Ok(())
    }
}
