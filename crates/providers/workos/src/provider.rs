//! Implements the port with the official SDK.
//!
//! Signing in with a password or with a code of the hosted page returns a user and an access token. The
//! token is verified, because we store the id of the session in it. A session in which a person at the
//! dashboard of WorkOS impersonates the user is refused, because our records could not name that person.
//!
//! Choosing a password changes the user (`PUT /user_management/users/{id}`) and does not use the password
//! reset of WorkOS: our mail has proven the mailbox, and WorkOS must not send a second mail.

use crate::{
    access_token::{AccessTokenError, AccessTokenVerifier},
    error::{is_email_taken, of_any, of_enrolment, of_sign_in},
    transport::Transport,
};
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use tryzore_auth::{
    Authorization, AuthorizationRequest, Enrolment, Identity, IdentityError, IdentityProvider, Kept, Origin,
    PasswordHash, SignInMethod,
};
use tryzore_kernel::Clock;
use workos::{
    AuthKitAuthorizationUrlParams, AuthenticateResponse, Client, RevokeSession,
    user_management::{
        AuthenticateWithCodeParams, AuthenticateWithPasswordParams, AuthenticateWithRefreshTokenParams,
        CreateUserParams, CreateUserParamsBody, ListUsersParams, Password, RevokeSessionParams,
        UpdateUserParams, UpdateUserParamsBody,
    },
};

/// The settings of the connection to WorkOS.
#[derive(Clone)]
pub struct Settings {
    /// The API key, `sk_...`.
    pub api_key: SecretString,
    /// The client id, `client_...`.
    pub client_id: String,
    /// `https://api.workos.com`, or the address of an emulator.
    pub base_url: String,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// The clock for the expiry of tokens.
    pub clock: Arc<dyn Clock>,
}

/// Authenticates people with WorkOS.
pub struct WorkOs {
    client: Client,
    verifier: AccessTokenVerifier,
    clock: Arc<dyn Clock>,
}

/// The answer of WorkOS to one of its refresh tokens.
#[derive(Debug, Clone)]
pub struct ProviderTokens {
    /// The id of the user at WorkOS.
    pub subject: String,
    /// The id of the session at WorkOS.
    pub provider_session: String,
    /// The access token of WorkOS.
    pub access_token: SecretString,
    /// The next refresh token; the previous one no longer works.
    pub refresh_token: SecretString,
}

impl WorkOs {
    /// Creates a provider.
    ///
    /// # Errors
    /// [`IdentityError::Broken`] for settings that are not valid.
    pub fn try_new(settings: Settings) -> Result<Self, IdentityError> {
        let broken = |what: String| IdentityError::Broken(format!("WorkOS settings: {what}"));
        if settings.client_id.is_empty() || settings.api_key.expose_secret().is_empty() {
            return Err(broken("the client id and the API key are needed".to_owned()));
        }
        let transport = Transport::try_new(settings.timeout).map_err(|error| broken(error.to_string()))?;
        let client = Client::builder()
            .api_key(settings.api_key.expose_secret())
            .client_id(settings.client_id)
            .base_url(settings.base_url.trim_end_matches('/'))
            .user_agent("tryzore")
            .max_retries(2)
            .transport(Arc::new(transport))
            .try_build()
            // The error names the setting and never shows its value.
            .map_err(|_| broken("the API key cannot be sent in a header".to_owned()))?;
        Ok(Self { verifier: AccessTokenVerifier::new(&client), client, clock: settings.clock })
    }

    /// Exchanges a refresh token of WorkOS, for `organization` of WorkOS if given.
    ///
    /// # Errors
    /// [`IdentityError::Rejected`] if WorkOS has ended the session.
    pub async fn provider_session_refresh(
        &self,
        refresh_token: &SecretString,
        organization: Option<&str>,
        origin: &Origin,
    ) -> Result<ProviderTokens, IdentityError> {
        let mut params = AuthenticateWithRefreshTokenParams::new(refresh_token.expose_secret());
        params.organization_id = organization.map(str::to_owned);
        params.ip_address = origin.ip.map(|ip| ip.to_string());
        params.user_agent.clone_from(&origin.device.user_agent);
        let users = self.client.user_management();
        let answer = users.authenticate_with_refresh_token(params).await.map_err(of_sign_in)?;
        let provider_session = self.session_of(&answer).await?;
        Ok(ProviderTokens {
            subject: answer.user.id,
            provider_session,
            access_token: answer.access_token.into_inner().into(),
            refresh_token: answer.refresh_token.into_inner().into(),
        })
    }

    async fn session_of(&self, answer: &AuthenticateResponse) -> Result<String, IdentityError> {
        if answer.impersonator.is_some() {
            return Err(IdentityError::Impersonated);
        }
        let claims = self.verifier.verify(answer.access_token.expose(), self.clock.now()).await;
        let claims = claims.map_err(|error| match error {
            AccessTokenError::Keys(_) => IdentityError::Unavailable(error.to_string()),
            other => IdentityError::Broken(format!("access token of WorkOS: {other}")),
        })?;
        if claims.sub != answer.user.id {
            return Err(IdentityError::Broken("the access token of WorkOS is about someone else".to_owned()));
        }
        Ok(claims.sid)
    }

    async fn identity_of(&self, answer: AuthenticateResponse) -> Result<Identity, IdentityError> {
        let provider_session = self.session_of(&answer).await?;
        let user = answer.user;
        let email = user.email.parse().map_err(|_| {
            IdentityError::Broken(format!("WorkOS has an address for {} that is not valid", user.id))
        })?;
        let parts = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let authentication_method = answer.authentication_method.map(|it| it.as_str().to_ascii_lowercase());
        Ok(Identity {
            subject: Some(user.id),
            email,
            email_verified: user.email_verified,
            name: user.name.or(Some(parts)).filter(|name| !name.trim().is_empty()),
            provider_session: Some(provider_session),
            authentication_method,
            rehashed: None,
        })
    }

    async fn password_set(&self, subject: &str, password: &SecretString) -> Result<(), IdentityError> {
        let mut body = UpdateUserParamsBody::new();
        body.password = Some(Password::Plaintext { password: password.expose_secret().to_owned() });
        body.email_verified = Some(true);
        let users = self.client.user_management();
        users.update_user(subject, UpdateUserParams::new(body)).await.map(drop).map_err(of_enrolment)
    }

    async fn subject_find(&self, whom: &Enrolment) -> Result<Option<String>, IdentityError> {
        let params = ListUsersParams { email: Some(whom.email.to_string()), ..ListUsersParams::default() };
        let found = self.client.user_management().list_users(params).await.map_err(of_any)?;
        Ok(found.data.into_iter().find(|user| user.email.to_lowercase() == whom.email.as_str()).map(|u| u.id))
    }
}

impl IdentityProvider for WorkOs {
    async fn identity_authenticate(
        &self,
        method: &SignInMethod,
        _: Option<&PasswordHash>,
        origin: &Origin,
    ) -> Result<Identity, IdentityError> {
        let users = self.client.user_management();
        let ip_address = origin.ip.map(|ip| ip.to_string());
        let answer = match method {
            SignInMethod::Password { email, password } => {
                let mut params =
                    AuthenticateWithPasswordParams::new(email.as_str(), password.expose_secret());
                params.ip_address = ip_address;
                params.user_agent.clone_from(&origin.device.user_agent);
                params.device_id.clone_from(&origin.device.id);
                users.authenticate_with_password(params).await
            }
            SignInMethod::Code { code, code_verifier } => {
                let mut params = AuthenticateWithCodeParams::new(code.expose_secret());
                params.code_verifier = code_verifier.as_ref().map(|verifier| verifier.expose_secret().into());
                params.ip_address = ip_address;
                params.user_agent.clone_from(&origin.device.user_agent);
                params.device_id.clone_from(&origin.device.id);
                users.authenticate_with_code(params).await
            }
        };
        self.identity_of(answer.map_err(of_sign_in)?).await
    }

    async fn identity_enrol(&self, whom: &Enrolment, password: &SecretString) -> Result<Kept, IdentityError> {
        if let Some(subject) = &whom.subject {
            self.password_set(subject, password).await?;
            return Ok(Kept { subject: Some(subject.clone()), hash: None });
        }
        let mut body = CreateUserParamsBody::new(whom.email.as_str());
        body.name = Some(whom.name.clone());
        body.email_verified = Some(true);
        body.password = Some(Password::Plaintext { password: password.expose_secret().to_owned() });
        let subject = match self.client.user_management().create_user(CreateUserParams::new(body)).await {
            Ok(user) => user.id,
            // WorkOS knows the user but we do not yet; the mailbox is proven, so it is the same person.
            Err(error) if is_email_taken(&error) => {
                let Some(subject) = self.subject_find(whom).await? else { return Err(of_enrolment(error)) };
                self.password_set(&subject, password).await?;
                subject
            }
            Err(error) => return Err(of_enrolment(error)),
        };
        Ok(Kept { subject: Some(subject), hash: None })
    }

    async fn provider_session_end(&self, session: &str) -> Result<(), IdentityError> {
        let params = RevokeSessionParams::new(RevokeSession { session_id: session.to_owned() });
        match self.client.user_management().revoke_session(params).await {
            // The session does not exist, or has already ended.
            Err(error) if matches!(error.status(), Some(400 | 404)) => Ok(()),
            other => other.map_err(of_any),
        }
    }

    fn authorization_start(&self, request: AuthorizationRequest) -> Result<Authorization, IdentityError> {
        let provider = request.provider_organization.is_none().then(|| "authkit".to_owned());
        let params = AuthKitAuthorizationUrlParams {
            redirect_uri: request.redirect_uri,
            login_hint: request.login_hint,
            organization_id: request.provider_organization,
            provider,
            ..AuthKitAuthorizationUrlParams::default()
        };
        let started = self.client.authkit().pkce_authorization_url(params).map_err(of_any)?;
        Ok(Authorization {
            url: started.url,
            state: started.state,
            code_verifier: started.code_verifier.into(),
        })
    }
}
