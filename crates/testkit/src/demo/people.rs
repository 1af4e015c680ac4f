//! The people of the demo: the owner, five employees per location, 150 clients, an operator.

use super::{Account, Demo, DemoError, PASSWORD};
use tryzore_kernel::{ClientId, OrganizationId, OwnerAccountId, RoleId, UserId};
use uuid::Uuid;

const GIVEN: [&str; 15] = [
    "Ada", "Bruno", "Chiara", "Davide", "Elena", "Farid", "Giulia", "Hugo", "Ines", "Jonas", "Kanya", "Luca",
    "Mara", "Niran", "Olga",
];
const FAMILY: [&str; 10] =
    ["Rossi", "De Luca", "García", "Müller", "Srisai", "O'Brien", "van Dijk", "Nguyen", "Okafor", "Smith"];

/// The five employees of each location: role, and the start of the email address.
const STAFF: [[(&str, &str); 5]; 3] = [
    [
        ("regional_manager", "regional"),
        ("admin", "admin"),
        ("trainer", "trainer"),
        ("trainer", "trainer2"),
        ("front_desk", "frontdesk"),
    ],
    [
        ("location_owner", "downtown.owner"),
        ("admin", "downtown.admin"),
        ("trainer", "downtown.trainer"),
        ("trainer", "downtown.trainer2"),
        ("front_desk", "downtown.frontdesk"),
    ],
    [
        ("location_owner", "westside.owner"),
        ("admin", "westside.admin"),
        ("trainer", "westside.trainer"),
        ("trainer", "westside.trainer2"),
        ("front_desk", "westside.frontdesk"),
    ],
];

const SINGLE_LOCATION: usize = 100;
const CLIENTS: usize = 150;
/// The client to sign in as, who goes to several locations and whose home is Main.
const GUIDE: usize = 102;

impl Demo<'_> {
    pub(super) async fn people(&self) -> Result<Vec<Account>, DemoError> {
        let mut accounts = vec![self.owner().await?];
        accounts.extend(self.staff().await?);
        accounts.push(self.clients().await?);
        accounts.push(self.operator().await?);
        Ok(accounts)
    }

    // A user of the tenant with a verified address and the password of the demo.
    async fn user(&self, email: &str, name: &str, home: OrganizationId) -> Result<UserId, DemoError> {
        let id = UserId::generate(self.now);
        self.sql
            .execute(
                "WITH u AS (
                     INSERT INTO identity.users
                         (id, email, email_verified_at, name, status, password_changed_at, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, 'active', $3, $3, $3)),
                 c AS (
                     INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
                     VALUES ($1, $5, $6, $3))
                 SELECT",
                &[&id.uuid(), &email, &self.now, &name, &self.tenant.uuid(), &home.uuid()],
            )
            .await?;
        self.sql
            .execute(
                "INSERT INTO identity.credentials (user_id, password_hash, updated_at) VALUES ($1, $2, $3)",
                &[&id.uuid(), &self.password_hash, &self.now],
            )
            .await?;
        Ok(id)
    }

    async fn owner(&self) -> Result<Account, DemoError> {
        let email = "owner@demo.com";
        let user = self.user(email, "Olivia Owner", self.locations[0].0).await?;
        let account = OwnerAccountId::generate(self.now).uuid();
        self.sql
            .execute(
                "INSERT INTO tenancy.owner_accounts
                     (id, user_id, email, name, is_enterprise, onboarding_completed_at, created_at, updated_at)
                 VALUES ($1, $2, $3, 'Olivia Owner', true, $4, $4, $4)",
                &[&account, &user.uuid(), &email, &self.now],
            )
            .await?;
        self.sql
            .execute(
                "UPDATE identity.users SET owner_account_id = $1 WHERE id = $2",
                &[&account, &user.uuid()],
            )
            .await?;
        for (location, _) in self.locations {
            self.sql
                .execute(
                    "INSERT INTO tenancy.owner_organizations
                         (tenant_id, owner_account_id, organization_id, role, added_at)
                     VALUES ($1, $2, $3, 'owner', $4)",
                    &[&self.tenant.uuid(), &account, &location.uuid(), &self.now],
                )
                .await?;
        }
        self.employ(user, email, "Olivia Owner", "enterprise_owner", self.locations[0].0, true).await?;
        Ok(account_of(email, "Enterprise Owner", "all locations"))
    }

    /// An operator of the platform (RBA-04). Sign-in needs a tenant: this one, where the operator has a role
    /// without permissions.
    async fn operator(&self) -> Result<Account, DemoError> {
        let email = "operator@demo.com";
        let user = self.user(email, "Opal Operator", self.locations[0].0).await?;
        self.hire(user, email, "Opal Operator").await?;
        let role = Uuid::from(RoleId::generate(self.now));
        self.sql
            .execute(
                "WITH role AS (
                     INSERT INTO rbac.roles
                         (tenant_id, id, name, description, scope, is_editable, created_at, updated_at)
                     VALUES ($1, $2, 'Platform', 'Works for the platform', 'organization', true, $5, $5))
                 INSERT INTO rbac.assignments
                     (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                 VALUES ($1, $3, $4, $2, true, $5)",
                &[&self.tenant.uuid(), &role, &user.uuid(), &self.locations[0].0.uuid(), &self.now],
            )
            .await?;
        self.sql
            .execute(
                "INSERT INTO platform.operators (user_id, role, because, since)
                 VALUES ($1, 'super_admin', 'the demo', $2)",
                &[&user.uuid(), &self.now],
            )
            .await?;
        Ok(account_of(email, "operator", "the platform"))
    }

    async fn staff(&self) -> Result<Vec<Account>, DemoError> {
        let mut accounts = Vec::new();
        for (at, team) in STAFF.iter().enumerate() {
            let (location, place) = self.locations[at];
            for (number, (role, local)) in team.iter().enumerate() {
                let email = format!("{local}@demo.com");
                let name =
                    format!("{} {}", GIVEN[(at * 5 + number) % GIVEN.len()], FAMILY[(at * 5 + number) % 10]);
                let user = self.user(&email, &name, location).await?;
                self.employ(user, &email, &name, role, location, true).await?;
                // A trainer of each location also teaches at the next one.
                if local.ends_with("trainer2") {
                    self.employ(user, &email, &name, role, self.locations[(at + 1) % 3].0, false).await?;
                }
                if at == 0 || *role == "location_owner" {
                    accounts.push(account_of(&email, &role.replace('_', " "), place));
                }
            }
        }
        Ok(accounts)
    }

    async fn hire(&self, user: UserId, email: &str, name: &str) -> Result<(), DemoError> {
        self.sql
            .execute(
                "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                &[&self.tenant.uuid(), &user.uuid(), &name, &email, &self.now],
            )
            .await?;
        Ok(())
    }

    async fn employ(
        &self,
        user: UserId,
        email: &str,
        name: &str,
        role: &str,
        at: OrganizationId,
        is_primary: bool,
    ) -> Result<(), DemoError> {
        self.hire(user, email, name).await?;
        self.sql
            .execute(
                "INSERT INTO rbac.assignments
                     (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                 SELECT $1, $2, $3, id, $5, $6 FROM rbac.roles WHERE tenant_id = $1 AND preset = $4",
                &[&self.tenant.uuid(), &user.uuid(), &at.uuid(), &role, &is_primary, &self.now],
            )
            .await?;
        Ok(())
    }

    async fn clients(&self) -> Result<Account, DemoError> {
        for number in 0..CLIENTS {
            let (home, _) = self.locations[number % 3];
            let (given, family) = (GIVEN[number % GIVEN.len()], FAMILY[number / GIVEN.len() % FAMILY.len()]);
            let email =
                if number == GUIDE { "client@demo.com".into() } else { format!("client{number}@demo.com") };
            // A hundred go to their own location only; fifty have chosen others as well.
            let allowed: Vec<Uuid> = match number < SINGLE_LOCATION {
                true => vec![home.uuid()],
                false => vec![home.uuid(), self.locations[(number + 1) % 3].0.uuid()],
            };
            let allowed = if number == GUIDE { Vec::new() } else { allowed };
            let user = self.user(&email, &format!("{given} {family}"), home).await?;
            self.sql
                .execute(
                    "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                         email, allowed_organization_ids, status, joined_on, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', ($9::timestamptz - '90 days'::interval)::date,
                         $9, $9)",
                    &[
                        &self.tenant.uuid(),
                        &ClientId::generate(self.now).uuid(),
                        &user.uuid(),
                        &home.uuid(),
                        &given,
                        &family,
                        &email,
                        &allowed,
                        &self.now,
                    ],
                )
                .await?;
        }
        Ok(account_of("client@demo.com", "client", "Main; may visit every location"))
    }
}

fn account_of(email: &str, role: &str, note: &str) -> Account {
    Account { email: email.to_owned(), password: PASSWORD, role: role.to_owned(), note: note.to_owned() }
}
