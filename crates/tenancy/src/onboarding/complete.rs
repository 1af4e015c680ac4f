//! Opening the tenant (ONB-06): all of its first rows in one transaction of its own, or none.

use super::{
    OnboardingStore, Progress,
    session::Account,
    start::lock,
    step::{Step, StepResponse},
};
use crate::{
    Members, Organization, Organizations, OwnerAccounts, OwnerRole, Owners, Tenant, Tenants, UseCaseError,
    domain_event::{OrganizationOpened, TenantOpened},
    permission::CreateOrganization,
    staff::{Employee, Employees},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use tryzore_kernel::{AuditEntry, Denial, Email, Journal, OrganizationId, OwnerAccountId, TenantId, UserId};
use tryzore_rbac::{
    DomainEvent, Permit,
    manage::{GrantsChanged, RoleStore, seed_presets},
};

/// The name of the command in the audit trail.
pub const COMMAND: &str = "onboarding.complete";

/// The preset role of the user who opens a tenant.
pub const OWNER_PRESET: &str = "enterprise_owner";

/// The result of opening a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The tenant.
    pub tenant: TenantId,
    /// The owner account of the tenant.
    pub owner: OwnerAccountId,
    /// The user who signs in as owner.
    pub user: UserId,
    /// The owner's address.
    pub email: Email,
    /// The first locations of the tenant, in the order in which they were given.
    pub organizations: Vec<OrganizationId>,
    /// The answer to the caller.
    pub response: StepResponse,
}

/// Opens the tenant of the session of `token`. `permit` is the system permit of onboarding for a new tenant
/// id, and all rows are written in that tenant. Completing again changes nothing and returns the same
/// answer, with the tenant of the first call.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.expired`,
/// `onboarding.step.out_of_order` or `onboarding.account.already_onboarded`.
pub async fn complete<T>(
    permit: &Permit<CreateOrganization>,
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<Completion, UseCaseError>
where
    T: OnboardingStore
        + OwnerAccounts
        + Tenants
        + Organizations
        + Owners
        + RoleStore
        + Employees
        + Members
        + Journal,
{
    let session = lock(tx, token, now).await?;
    let details = session.details.clone().ok_or(UseCaseError::NotFound("session"));
    if let Progress::Complete { account, tenant, organizations } = session.progress.clone() {
        let email = details?.email;
        let (owner, user, response) = (account.owner, account.user, session.response(token));
        return Ok(Completion { tenant, owner, user, email, organizations, response });
    }
    session.admit(Step::Complete)?;
    let (Some(account), Some(form), Ok(details)) = (session.account(), &session.locations, details) else {
        return Err(UseCaseError::NotFound("session"));
    };
    let locations = form.check()?;
    let mut owner = tx.owner_lock(account.owner).await?.ok_or(UseCaseError::NotFound("owner account"))?;
    if owner.is_onboarded() {
        return Err(Denial::state("onboarding.account.already_onboarded")
            .remedy("Sign in; further locations are opened from there.", Some("sign_in"))
            .into());
    }

    let tenant = Tenant::new(permit.tenant(), locations.business_name, owner.email.clone(), now);
    tx.tenant_insert(&tenant).await?;
    let mut organizations = Vec::with_capacity(locations.drafts.len());
    for draft in locations.drafts {
        let organization = Organization::new(draft, now);
        tx.organization_insert(&organization).await?;
        tx.owner_link(account.owner, organization.id, OwnerRole::Owner, now).await?;
        let opened = OrganizationOpened { organization: organization.id, parent: None };
        tx.event_publish(opened.published(now));
        organizations.push(organization.id);
    }
    hire_owner(tx, account, &owner.email, &details.name, organizations[0], now).await?;
    owner.onboarding_completed_at = Some(now);
    owner.updated_at = now;
    tx.owner_update(&owner).await?;

    let session = session.completed(account, tenant.id, organizations.clone(), now);
    tx.onboarding_update(&session).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: tenant.id.uuid(),
        subject: Some(account.user),
        organizations: organizations.clone(),
        details: json!({ "onboarding": session.id, "owner": owner.id, "user": account.user }),
    });
    let opened = TenantOpened {
        tenant: tenant.id,
        owner: owner.id,
        user: account.user,
        organizations: organizations.clone(),
    };
    tx.event_publish(opened.published(now));
    GrantsChanged::publish(account.user, tx, now);
    Ok(Completion {
        tenant: tenant.id,
        owner: owner.id,
        user: account.user,
        email: owner.email,
        organizations,
        response: session.response(token),
    })
}

// Adds the six presets, and the owner as first employee with the first preset.
async fn hire_owner<T: RoleStore + Employees + Members>(
    tx: &mut T,
    account: Account,
    email: &Email,
    name: &str,
    home: OrganizationId,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let roles = seed_presets(tx, now).await?;
    let role = roles.iter().find(|role| role.preset.as_deref() == Some(OWNER_PRESET));
    let role = role.ok_or(UseCaseError::NotFound("role"))?.id;
    let employee = Employee::new(account.user, name.to_owned(), email.clone(), None, now);
    tx.employee_save(&employee.assign(home, role, true, now)).await?;
    tx.member_put(account.user, home, now).await?;
    Ok(())
}
