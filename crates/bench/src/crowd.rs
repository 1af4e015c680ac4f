//! Signed-in users: their rows as a sign-in leaves them, and access tokens that the service accepts. Only the
//! hashing of their passwords is left out.

use secrecy::{ExposeSecret, SecretString};
use tryzore_auth::{Claims, claims::ACCESS_LIFE};
use tryzore_auth_http::signing::Signing;
use tryzore_kernel::{OrganizationId, RoleId, SessionId, UserId, uuid_at};
use tryzore_provider_password::Hasher;
use tryzore_testkit::{TestTenant, http::auth_settings};
use uuid::Uuid;

/// Signs users in at a test tenant.
pub struct Crowd<'s> {
    studio: &'s TestTenant,
    signing: Signing,
}

impl<'s> Crowd<'s> {
    /// For the users of `studio`, with the signing keys of its services.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn at(studio: &'s TestTenant) -> anyhow::Result<Self> {
        Ok(Self { signing: Signing::open(studio.db.clone(), &auth_settings()).await?, studio })
    }

    /// Creates `count` clients of the first location; returns their access tokens.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn clients(&self, count: usize) -> anyhow::Result<Vec<String>> {
        Ok(self.members(count).await?.1)
    }

    /// Creates `count` clients of the first location with the same password; returns their addresses.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn with_password(&self, count: usize, password: &str) -> anyhow::Result<Vec<String>> {
        let hash = Hasher::new(Vec::new()).hash(&SecretString::from(password.to_owned()))?;
        let (users, _) = self.members(count).await?;
        self.studio
            .sql
            .execute(
                "INSERT INTO identity.credentials (user_id, password_hash, updated_at)
                 SELECT id, $2, now() FROM unnest($1::uuid[]) id",
                &[&users, &hash.as_str()],
            )
            .await?;
        Ok(users.iter().map(|user| format!("{user}@example.com")).collect())
    }

    async fn members(&self, count: usize) -> anyhow::Result<(Vec<Uuid>, Vec<String>)> {
        let (users, tokens) = self.people(count).await?;
        self.studio
            .sql
            .execute(
                "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                     email, status, joined_on, created_at, updated_at)
                 SELECT $1, id, id, $2, 'Ada', 'Rossi', id || '@example.com', 'active', '2026-01-01', now(), now()
                 FROM unnest($3::uuid[]) id",
                &[&self.studio.tenant.uuid(), &self.studio.main.uuid(), &users],
            )
            .await?;
        Ok((users, tokens))
    }

    /// Creates an employee with the permissions `patterns` at each of `at`; returns the access token.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn employee(&self, at: &[OrganizationId], patterns: &[&str]) -> anyhow::Result<String> {
        let (users, tokens) = self.people(1).await?;
        let (tenant, role) = (self.studio.tenant.uuid(), RoleId::generate(self.studio.now()));
        let at: Vec<Uuid> = at.iter().map(|one| one.uuid()).collect();
        self.studio
            .sql
            .execute(
                "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
                 VALUES ($1, $2, 'Bench', 'organization', true, now(), now())",
                &[&tenant, &role.uuid()],
            )
            .await?;
        self.studio
            .sql
            .execute(
                "INSERT INTO rbac.role_permissions (tenant_id, role_id, pattern)
                 SELECT $1, $2, pattern FROM unnest($3::text[]) pattern",
                &[&tenant, &role.uuid(), &patterns],
            )
            .await?;
        self.studio
            .sql
            .execute(
                "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                 SELECT $1, $2, at, $3, at = $4, now() FROM unnest($5::uuid[]) at",
                &[&tenant, &users[0], &role.uuid(), &self.studio.main.uuid(), &at],
            )
            .await?;
        Ok(tokens.into_iter().collect())
    }

    async fn people(&self, count: usize) -> anyhow::Result<(Vec<Uuid>, Vec<String>)> {
        let (studio, now) = (self.studio, self.studio.now());
        let users: Vec<UserId> = (0..count).map(|_| UserId::generate(now)).collect();
        let sessions: Vec<SessionId> = users.iter().map(|_| SessionId::generate(now)).collect();
        let tokens = users.iter().zip(&sessions).map(|(user, session)| self.token(*user, *session));
        let tokens = tokens.collect::<anyhow::Result<_>>()?;
        let users: Vec<Uuid> = users.iter().map(|one| one.uuid()).collect();
        let sessions: Vec<Uuid> = sessions.iter().map(|one| one.uuid()).collect();
        studio
            .sql
            .execute(
                "INSERT INTO identity.users (id, email, email_verified_at, name, status, password_changed_at,
                     created_at, updated_at)
                 SELECT id, id || '@example.com', $2, 'Ada Rossi', 'active', $2, $2, $2 FROM unnest($1::uuid[]) id",
                &[&users, &now],
            )
            .await?;
        studio
            .sql
            .execute(
                "INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
                 SELECT id, $2, $3, now() FROM unnest($1::uuid[]) id",
                &[&users, &studio.tenant.uuid(), &studio.main.uuid()],
            )
            .await?;
        studio
            .sql
            .execute(
                "INSERT INTO identity.sessions (id, user_id, tenant_id, organization_id, created_at, last_active,
                     expires_at)
                 SELECT id, user_id, $3, $4, $5, $5, $5::timestamptz + interval '30 days'
                 FROM unnest($1::uuid[], $2::uuid[]) AS s (id, user_id)",
                &[&sessions, &users, &studio.tenant.uuid(), &studio.main.uuid(), &now],
            )
            .await?;
        Ok((users, tokens))
    }

    // The claims are only informative; the row of the session decides.
    fn token(&self, user: UserId, session: SessionId) -> anyhow::Result<String> {
        let (main, now) = (self.studio.main, self.studio.now());
        let claims = Claims {
            sub: user,
            user_id: user,
            sid: session,
            tenant_id: self.studio.tenant,
            org_id: Some(main),
            owner_account_id: None,
            available_org_ids: vec![main],
            available_org_count: 1,
            permissions: Vec::new(),
            factor_at: None,
            act: None,
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_LIFE.num_seconds(),
            jti: uuid_at(now),
        };
        Ok(self.signing.sign(&claims)?.expose_secret().to_owned())
    }
}
