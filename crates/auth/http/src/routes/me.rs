//! `GET /auth/me`: the signed-in user.

use super::signed_in::{UserView, WhereaboutsView, user};
use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_auth::{Memberships, Session, Sessions, acting::KnownPerson};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, Problem, SessionId, UserId};
use tryzore_postgres::Db;
use tryzore_rbac::{ActingKind, FactorStanding, Grants, Reach, Slug, catalogue::OwnProfile};
use tryzore_web::{Allow, ApiError};
use utoipa::ToSchema;

/// The signed-in user with their location and permissions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MeView {
    /// The id of the session.
    session_id: SessionId,
    /// The signed-in user; in an acting session the person who acts.
    user: UserView,
    #[serde(flatten)]
    at: WhereaboutsView,
    /// The permissions at the current location.
    #[schema(value_type = Vec<String>, example = json!(["events.view_all", "own.profile"]))]
    permissions: Vec<&'static str>,
    /// The acting session: show "Viewing as …" with a button that ends it (`sign_out`). Null in an ordinary session.
    acting: Option<ActingView>,
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

/// An acting session, which only reads.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActingView {
    /// The kind of the session.
    kind: ActingKind,
    /// The person whose view is shown; null for support access.
    subject: Option<SubjectView>,
    /// Why they act.
    reason: String,
    /// The locations that the session can be at; null if all are.
    organization_ids: Option<Vec<OrganizationId>>,
    /// When the session ends.
    expires_at: DateTime<Utc>,
}

/// The person whose view is shown, as the business knows them. Their account belongs to them alone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubjectView {
    /// The id of the user.
    id: UserId,
    /// The name in the record of the business.
    name: Option<String>,
    /// The address in the record of the business.
    email: Option<String>,
}

impl ActingView {
    /// The acting session `session`, whose subject the tenant knows as `known`; `None` for an ordinary session.
    pub(super) fn of(session: &Session, known: Option<KnownPerson>) -> Option<Self> {
        let acting = session.acting.as_ref()?;
        let (name, email) = known.map_or((None, None), |known| (Some(known.name), known.email));
        Some(Self {
            kind: acting.kind(),
            subject: acting.subject().map(|id| SubjectView { id, name, email }),
            reason: acting.reason.clone(),
            organization_ids: acting.organizations.clone(),
            expires_at: session.expires_at,
        })
    }
}

/// Get the signed-in user
///
/// The user with their current roles and location. Changes of roles show here at once, before the access
/// token is renewed. In an acting session, `acting` has what a banner shows.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = MeView)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/auth/me")]
pub(super) async fn get_me(Allow(permit): Allow<OwnProfile>, db: Data<Db>) -> Result<Json<MeView>, ApiError> {
    let actor = permit.actor();
    let (Some(session), Some(person)) = (actor.session(), actor.person()) else {
        return Err(Problem::not_found("person: this is a key").into());
    };
    let me = db.auth_tx(async |tx| {
        let person = user(tx, person).await?;
        let (acting, at) = match actor.is_acting() {
            true => {
                let found = tx.auth().session_find(session).await?;
                let found = found.ok_or_else(|| Problem::not_found("session"))?;
                let known = match actor.user() {
                    Some(subject) => tx.auth().person_find(subject, found.tenant).await?,
                    None => None,
                };
                (ActingView::of(&found, known), WhereaboutsView::of_acting(tx, &found).await?)
            }
            false => {
                (None, WhereaboutsView::of(tx, person.id, permit.tenant(), permit.organization()).await?)
            }
        };
        let permissions = held(permit.grants());
        Ok::<_, Problem>(MeView {
            session_id: session,
            user: UserView::from(&person),
            at,
            permissions,
            acting,
            second_factor: permit.grants().factor().into(),
        })
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
