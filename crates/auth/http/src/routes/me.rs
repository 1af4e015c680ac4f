//! `GET /auth/me`: the signed-in user.

use super::signed_in::{UserView, WhereaboutsView, user};
use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Problem, SessionId};
use tryzore_postgres::Db;
use tryzore_rbac::{Actor, FactorStanding, Grants, Reach, Slug, catalogue::OwnProfile};
use tryzore_web::{Allow, ApiError};
use utoipa::ToSchema;

/// The signed-in user with their location and permissions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MeView {
    /// The id of the session.
    session: SessionId,
    /// The signed-in user.
    user: UserView,
    #[serde(flatten)]
    at: WhereaboutsView,
    /// The permissions at the current location.
    #[schema(value_type = Vec<String>, example = json!(["events.view_all", "own.profile"]))]
    permissions: Vec<&'static str>,
    /// The second factor of the session.
    second_factor: SecondFactorView,
}

/// The second factor of the session, and what the tenant requires of the user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecondFactorView {
    /// When the session last used a factor.
    last_used_at: Option<DateTime<Utc>>,
    /// Since when the tenant requires a factor of the user, who has none; null when the user has one or needs
    /// none.
    required_since: Option<DateTime<Utc>>,
    /// Until when the user has to set a factor up; afterwards only what is their own can be used.
    grace_ends_at: Option<DateTime<Utc>>,
}

impl From<&FactorStanding> for SecondFactorView {
    fn from(standing: &FactorStanding) -> Self {
        Self {
            last_used_at: standing.used_at,
            required_since: standing.enrollment.map(|due| due.required_since),
            grace_ends_at: standing.enrollment.map(|due| due.grace_ends_at),
        }
    }
}

/// Get the signed-in user
///
/// The user with their current roles and location. Changes of roles show here at once, before the access
/// token is renewed.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = MeView)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/auth/me")]
pub(super) async fn get_me(Allow(permit): Allow<OwnProfile>, db: Data<Db>) -> Result<Json<MeView>, ApiError> {
    let Actor::User { user: id, session } = permit.actor() else {
        return Err(Problem::not_found("person: this is a key").into());
    };
    let (tenant, at) = (permit.tenant(), permit.organization());
    let me = db.auth_tx(async |tx| {
        let user = user(tx, id).await?;
        let at = WhereaboutsView::of(tx, id, tenant, at).await?;
        let permissions = held(permit.grants());
        let second_factor = permit.grants().factor().into();
        Ok::<_, Problem>(MeView { session, user: UserView::from(&user), at, permissions, second_factor })
    });
    Ok(Json(me.await?))
}

fn held(grants: &Grants) -> Vec<&'static str> {
    let here = |slug: &&Slug| match grants.reach(**slug) {
        Reach::Own => true,
        reach => grants.organization().is_some_and(|at| reach.covers(at)),
    };
    Slug::ALL.iter().filter(here).map(|slug| slug.as_str()).collect()
}
