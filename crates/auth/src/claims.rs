//! The claims of an access token (AUT-02), which is valid for exactly an hour (AUT-01).
//!
//! The claims inform clients; they grant nothing. The server loads the session that the claims name
//! ([`crate::resume`]) and decides by the grants of the session, so a revocation and a change of roles or
//! of location take effect at once and not after an hour.
//!
//! The signer adds `iss` and `aud`, and checks them. Times are whole seconds, as in RFC 7519. A token
//! travels in a header, whose size is limited: at most [`LISTED`] of the locations are in the token, always
//! including the current one. `available_org_count` shows that there are more; the list of organizations
//! contains all of them.

use crate::{Session, User, acting::View};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, OwnerAccountId, SessionId, TenantId, UserId, uuid_at};
use tryzore_rbac::{ActingKind, Holdings, Reach, Slug};
use uuid::Uuid;

/// How long an access token is valid.
pub const ACCESS_LIFE: TimeDelta = TimeDelta::hours(1);
/// The largest number of locations in a token.
pub const LISTED: usize = 64;

/// The claims of an access token, without issuer and audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user, by the name of RFC 7519.
    pub sub: UserId,
    /// The user, by the name of AUT-02.
    pub user_id: UserId,
    /// The session.
    pub sid: SessionId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The current location.
    pub org_id: Option<OrganizationId>,
    /// The account that owns organizations, for an owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_account_id: Option<OwnerAccountId>,
    /// Locations that the session can switch to, at most [`LISTED`].
    pub available_org_ids: Vec<OrganizationId>,
    /// The number of all locations that the session can switch to.
    pub available_org_count: usize,
    /// The slugs of the permissions at the current location.
    pub permissions: Vec<String>,
    /// When the session last used a second factor, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor_at: Option<i64>,
    /// The person who acts, in an acting session (RFC 8693, section 4.1); `sub` is the person whose view is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ActClaim>,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Expires at, Unix seconds: `iat` plus 3600; earlier in an acting session that ends earlier.
    pub exp: i64,
    /// Unique for each token.
    pub jti: Uuid,
}

/// Who acts (RFC 8693, section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActClaim {
    /// The person who acts.
    pub sub: UserId,
    /// The kind of the acting session.
    pub kind: ActingKind,
}

impl Claims {
    /// The claims of a token for `session` that shows `view`, issued at `now`. `user` is the person whose view it
    /// is ([`Session::subject`]).
    #[must_use]
    pub fn of_view(user: &User, session: &Session, view: &View, now: DateTime<Utc>) -> Self {
        let claims = Self::new(user, session, &view.available, &view.holdings, now);
        let Some(acting) = &session.acting else { return claims };
        let grants = view.grants(session);
        let held = |slug: &&Slug| match grants.reach(**slug) {
            Reach::Own => true,
            reach => session.organization.is_some_and(|at| reach.covers(at)),
        };
        Self {
            act: Some(ActClaim { sub: session.user, kind: acting.kind() }),
            permissions: Slug::ALL.iter().filter(held).map(|slug| slug.as_str().to_owned()).collect(),
            exp: claims.exp.min(session.expires_at.timestamp()),
            owner_account_id: None,
            ..claims
        }
    }

    /// The claims of a token that is issued at `now`.
    #[must_use]
    pub fn new(
        user: &User,
        session: &Session,
        available: &[OrganizationId],
        holdings: &Holdings,
        now: DateTime<Utc>,
    ) -> Self {
        let at = session.organization;
        let held = at.map_or(holdings.own(), |at| holdings.permitted_at(at).union(holdings.own()));
        let others = available.iter().copied().filter(|other| Some(*other) != at);
        let here = at.filter(|at| available.contains(at));
        let iat = now.timestamp();
        Self {
            sub: user.id,
            user_id: user.id,
            sid: session.id,
            tenant_id: session.tenant,
            org_id: at,
            owner_account_id: user.owner_account,
            available_org_ids: here.into_iter().chain(others).take(LISTED).collect(),
            available_org_count: available.len(),
            permissions: held.iter().map(|slug: Slug| slug.as_str().to_owned()).collect(),
            factor_at: session.factor.map(|used| used.at.timestamp()),
            act: None,
            iat,
            exp: iat + ACCESS_LIFE.num_seconds(),
            jti: uuid_at(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, session, user};
    use tryzore_rbac::{Assignment, OrganizationNode, Scope};

    fn franchise(locations: usize) -> (Vec<OrganizationId>, Holdings) {
        let at: Vec<_> = (0..locations).map(|_| OrganizationId::generate(NOW)).collect();
        let tree = at.iter().map(|o| OrganizationNode { organization: *o, parent: None }).collect();
        let assignment = Assignment {
            role: tryzore_kernel::RoleId::generate(NOW),
            name: "Front Desk".into(),
            patterns: vec!["clients.create".parse().unwrap()],
            scope: Scope::Organization(at[0]),
        };
        let holdings = Holdings { tree, assignments: vec![assignment], ..Holdings::default() };
        (at, holdings)
    }

    #[test]
    fn a_token_is_valid_for_exactly_an_hour_aut_01() {
        let (at, holdings) = franchise(1);
        let now = NOW + TimeDelta::microseconds(1_999_999);
        let claims = Claims::new(&user(), &session(), &at, &holdings, now);
        assert_eq!((claims.iat, claims.exp - claims.iat), (NOW.timestamp() + 1, 3600));
    }

    #[test]
    fn contains_all_claims_of_aut_02_and_permissions_of_the_current_location_only() {
        let (at, holdings) = franchise(2);
        let here = Session { organization: Some(at[0]), ..session() };
        let claims = serde_json::to_value(Claims::new(&user(), &here, &at, &holdings, NOW)).unwrap();
        assert_eq!(
            claims["permissions"],
            serde_json::json!(["clients.create", "own.profile", "own.security"])
        );
        for name in ["sub", "user_id", "sid", "tenant_id", "org_id", "available_org_ids", "iat", "exp", "jti"]
        {
            assert!(claims.get(name).is_some(), "{name}");
        }
        let there = Session { organization: Some(at[1]), ..session() };
        assert_eq!(
            Claims::new(&user(), &there, &at, &holdings, NOW).permissions,
            ["own.profile", "own.security"]
        );
    }

    #[test]
    fn a_chain_of_a_thousand_locations_fits_a_header() {
        let (at, holdings) = franchise(1000);
        let here = Session { organization: at.last().copied(), ..session() };
        let claims = Claims::new(&user(), &here, &at, &holdings, NOW);
        assert_eq!((claims.available_org_ids.len(), claims.available_org_count), (LISTED, 1000));
        assert_eq!(claims.available_org_ids.first(), at.last(), "the current one is always listed");
        assert!(serde_json::to_string(&claims).unwrap().len() < 4096);
    }
}
