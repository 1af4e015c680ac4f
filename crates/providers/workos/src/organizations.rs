//! The organizations of tenants at WorkOS, for single sign-on.
//!
//! The organization of a tenant has the id of the tenant as its external id, so it is found again and is made once.

use crate::{error::of_any, provider::WorkOs};
use secrecy::SecretString;
use tryzore_auth::{
    IdentityError, SsoConnection, SsoDomain, SsoOrganization,
    sso::{ConnectionState, DomainState},
};
use tryzore_kernel::TenantId;
use workos::{
    ConnectionState as TheirConnectionState, Error, GenerateLink, GenerateLinkIntent, Organization,
    OrganizationDomainState, OrganizationInput, admin_portal::GenerateLinkParams,
    organizations::CreateOrganizationParams, sso::ListConnectionsParams,
};

/// The most connections that an organization can have.
pub const CONNECTIONS_MAX: i64 = 100;

/// What an owner sets up on the page of WorkOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUp {
    /// The connection to the tenant's own provider.
    SingleSignOn,
    /// The proof that the tenant owns a domain.
    Domains,
}

impl WorkOs {
    /// The organization of `tenant`, which is made with `name` if there is none, and what it has.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, limits our requests, or refuses them.
    pub async fn organization_open(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<SsoOrganization, IdentityError> {
        let (external_id, organizations) = (tenant.to_string(), self.client().organizations());
        let found = match organizations.get_organization_by_external_id(&external_id).await {
            Ok(found) => found,
            Err(error) if is_missing(&error) => {
                let input = OrganizationInput {
                    name: name.to_owned(),
                    allow_profiles_outside_organization: None,
                    #[allow(deprecated, reason = "the SDK has no constructor that leaves it out")]
                    domains: None,
                    domain_data: None,
                    metadata: None,
                    external_id: Some(external_id),
                };
                let made = organizations.create_organization(CreateOrganizationParams::new(input)).await;
                made.map_err(of_any)?
            }
            Err(error) => return Err(of_any(error)),
        };
        let connections = self.connections_of(&found.id).await?;
        Ok(SsoOrganization { domains: domains_of(&found), id: found.id, connections })
    }

    /// The address of the page on which an owner sets up `what` for `organization`. It is valid for some minutes.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, limits our requests, or refuses them.
    pub async fn set_up_link(
        &self,
        organization: &str,
        what: SetUp,
        return_url: Option<String>,
    ) -> Result<SecretString, IdentityError> {
        let intent = match what {
            SetUp::SingleSignOn => GenerateLinkIntent::SSO,
            SetUp::Domains => GenerateLinkIntent::DomainVerification,
        };
        let link = GenerateLink {
            success_url: return_url.clone(),
            return_url,
            organization: organization.to_owned(),
            external_user_id: None,
            intent: Some(intent),
            it_contact_emails: None,
        };
        let made = self.client().admin_portal().generate_link(GenerateLinkParams::new(link)).await;
        Ok(made.map_err(of_any)?.link.into_inner().into())
    }

    async fn connections_of(&self, organization: &str) -> Result<Vec<SsoConnection>, IdentityError> {
        let params = ListConnectionsParams {
            organization_id: Some(organization.to_owned()),
            limit: Some(CONNECTIONS_MAX),
            ..ListConnectionsParams::default()
        };
        let list = self.client().sso().list_connections(params).await.map_err(of_any)?;
        let connection = |it: workos::Connection| SsoConnection {
            kind: it.connection_type.as_str().to_owned(),
            state: match it.state {
                TheirConnectionState::Active => ConnectionState::Active,
                _ => ConnectionState::Inactive,
            },
            id: it.id,
            name: it.name,
        };
        Ok(list.data.into_iter().map(connection).collect())
    }
}

fn domains_of(organization: &Organization) -> Vec<SsoDomain> {
    let domains = organization.domains.iter().map(|it| SsoDomain {
        name: it.domain.to_lowercase(),
        state: it.state.as_ref().map_or(DomainState::Pending, |state| domain_state(state.as_str())),
    });
    domains.collect()
}

/// The state of a domain in the words of WorkOS. Only what it has verified itself counts.
pub(crate) fn domain_state(text: &str) -> DomainState {
    if text == OrganizationDomainState::Verified.as_str() {
        DomainState::Verified
    } else if text == OrganizationDomainState::Failed.as_str() {
        DomainState::Failed
    } else {
        DomainState::Pending
    }
}

fn is_missing(error: &Error) -> bool {
    error.status() == Some(404)
}
