//! The users of WorkOS, page by page.

use crate::{error::of_any, provider::WorkOs};
use tryzore_auth::{IdentityError, link_users::ProviderUser};
use workos::{PaginationOrder, user_management::ListUsersParams};

/// The most users of a page.
pub const PAGE: i64 = 100;

/// A page of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Users {
    /// The users.
    pub users: Vec<ProviderUser>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
}

impl WorkOs {
    /// The users after `after`, oldest first.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, limits our requests, or refuses them.
    pub async fn users_read(&self, after: Option<String>) -> Result<Users, IdentityError> {
        let params = ListUsersParams {
            after,
            limit: Some(PAGE),
            order: Some(PaginationOrder::Asc),
            ..ListUsersParams::default()
        };
        let page = self.client().user_management().list_users(params).await.map_err(of_any)?;
        let is_full = i64::try_from(page.data.len()).is_ok_and(|count| count >= PAGE);
        let next = page.data.last().filter(|_| is_full).map(|user| user.id.clone());
        let user = |it: workos::User| ProviderUser {
            subject: it.id,
            email: it.email.parse().ok(),
            email_verified: it.email_verified,
        };
        Ok(Users { users: page.data.into_iter().map(user).collect(), next })
    }
}
